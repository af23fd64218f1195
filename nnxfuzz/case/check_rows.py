"""Rules W1 to W10: the tables of a case, row by row and as a whole.

The rules are stated in the box of `check`.  Nothing here looks at what the body does: that is
`check_body`, which may rely on these rules and is asked only once they hold.
"""

import keyword
import math
from collections.abc import Iterator, Sequence

from nnxfuzz.case import limits
from nnxfuzz.case import types as t
from nnxfuzz.case.problem import Problem, member, shown
from nnxfuzz.case.queries import trips

# --- walks over a case, each row with its JSON path -----------------------------------------


def attributes(case: t.Case) -> Iterator[tuple[str, t.Attribute]]:
    """What modules, sequences, the closure and `make` statements name."""
    for k, node in enumerate(case.nodes):
        if isinstance(node, t.Module):
            for name, attribute in node.attributes.items():
                yield member(f"$.nodes[{k}].attributes", name), attribute
        elif isinstance(node, t.Sequence):
            for j, attribute in enumerate(node.items):
                yield f"$.nodes[{k}].items[{j}]", attribute
    for k, held in enumerate(case.closure):
        yield f"$.closure[{k}]", held
    for k, statement in enumerate(case.body):
        if isinstance(statement, t.Make):
            yield f"$.body[{k}].what", statement.what


def arrays(case: t.Case) -> Iterator[tuple[str, t.Array]]:
    for k, variable in enumerate(case.variables):
        yield f"$.variables[{k}].value", variable.value
    for path, attribute in attributes(case):
        if isinstance(attribute, t.OfArray):
            yield f"{path}.array", attribute.array
    for k, slot in enumerate(case.carry):
        if isinstance(slot, t.ArraySlot):
            yield f"$.carry[{k}].array", slot.array
    for k, array in enumerate(case.xs):
        yield f"$.xs[{k}]", array


def operands(case: t.Case) -> Iterator[tuple[str, t.Operand]]:
    for k, statement in enumerate(case.body):
        if isinstance(statement, t.Update):
            yield f"$.body[{k}].operand", statement.operand
    for k, operand in enumerate(case.ys):
        yield f"$.ys[{k}]", operand


def entries(slot: t.Slot) -> list[tuple[str, int]]:
    """The carry rows that a slot names, each with its JSON path below the slot."""
    match slot:
        case t.TupleSlot(rows) | t.ListSlot(rows):
            return [(f".items[{j}]", row) for j, row in enumerate(rows)]
        case t.DictSlot(named):
            return [(member(".items", name), row) for name, row in named.items()]
        case t.NoneSlot() | t.NodeSlot() | t.VariableSlot() | t.ArraySlot() | t.ScalarSlot():
            return []


# --- sizes and names ------------------------------------------------------------------------


def table_sizes(case: t.Case) -> Iterator[Problem]:
    for table, most in limits.ROWS.items():
        rows = len(getattr(case, table))
        if rows > most:
            yield Problem(1, f"$.{table}", f"it has {rows} rows", f"keep to {most}")
    if not case.carry:
        yield Problem(1, "$.carry", "it has no rows", "give it at least the root, row 0")


def row_sizes(case: t.Case) -> Iterator[Problem]:
    sizes = [(f"$.carry[{k}].items", len(entries(slot))) for k, slot in enumerate(case.carry)]
    for k, node in enumerate(case.nodes):
        if isinstance(node, t.Module):
            sizes.append((f"$.nodes[{k}].attributes", len(node.attributes)))
        elif isinstance(node, t.Sequence):
            sizes.append((f"$.nodes[{k}].items", len(node.items)))
    for path, size in sizes:
        if size > limits.MAX_ENTRIES:
            yield Problem(2, path, f"it has {size} entries", f"keep to {limits.MAX_ENTRIES}")


def names(case: t.Case) -> Iterator[Problem]:
    tables: list[tuple[str, Sequence[str]]] = [
        (f"$.nodes[{k}].attributes", list(node.attributes))
        for k, node in enumerate(case.nodes)
        if isinstance(node, t.Module)
    ]
    tables += [
        (f"$.carry[{k}].items", list(slot.items))
        for k, slot in enumerate(case.carry)
        if isinstance(slot, t.DictSlot)
    ]
    for path, table in tables:
        for name in table:
            yield from name_problems(member(path, name), name)


def name_problems(path: str, name: str) -> Iterator[Problem]:
    if name in limits.RESERVED_NAMES:
        yield Problem(3, path, f"the name {shown(name)} is a method of nnx.Module", "use another")
    elif not is_name(name):
        yield Problem(
            3,
            path,
            f"{shown(name)} is no name for an attribute or a key",
            "use an ASCII identifier that is no keyword, does not start with '_' and has at most "
            f"{limits.MAX_TEXT} characters",
        )


def is_name(text: str) -> bool:
    # ASCII only: Python normalises other identifiers, so that `self.x` might be another key.
    plain = text.isascii() and text.isidentifier() and not keyword.iskeyword(text)
    return plain and not text.startswith("_") and len(text) <= limits.MAX_TEXT


# --- values ---------------------------------------------------------------------------------


def array_values(case: t.Case) -> Iterator[Problem]:
    for path, array in arrays(case):
        yield from shape_problems(f"{path}.shape", array.shape)
        fill = array.fill
        if isinstance(fill, int):
            yield from number_problems(4, f"{path}.fill", fill, limits.MAX_NUMBER)
        elif array.dtype == "int32":
            yield Problem(
                4, f"{path}.fill", f"int32 has no {shown(fill)}", "use a float dtype or a number"
            )


def shape_problems(path: str, shape: tuple[int, ...]) -> Iterator[Problem]:
    wrong = [(j, dim) for j, dim in enumerate(shape) if not 0 <= dim <= limits.MAX_DIM]
    for j, dim in wrong:
        remedy = f"use 0 to {limits.MAX_DIM}"
        yield Problem(4, f"{path}[{j}]", f"{shown(dim)} is no dimension", remedy)
    if len(shape) > limits.MAX_RANK:
        yield Problem(4, path, f"it has {len(shape)} dimensions", f"keep to {limits.MAX_RANK}")
    elif not wrong and math.prod(shape) > limits.MAX_ELEMENTS:
        size = math.prod(shape)
        yield Problem(4, path, f"it asks for {size} elements", f"keep to {limits.MAX_ELEMENTS}")


def number_problems(
    rule: int, path: str, value: float, most: int, least: int | None = None
) -> Iterator[Problem]:
    least = -most if least is None else least
    if not least <= value <= most:  # so written, it refuses NaN too
        yield Problem(rule, path, f"{shown(value)} is out of range", f"use {least} to {most}")


def text_problems(path: str, text: str) -> Iterator[Problem]:
    if len(text) > limits.MAX_TEXT or not text.isprintable():
        remedy = f"use at most {limits.MAX_TEXT} printable characters"
        yield Problem(5, path, f"the text {shown(text)} is not allowed", remedy)


def texts(case: t.Case) -> Iterator[Problem]:
    for k, variable in enumerate(case.variables):
        if variable.tag is not None:
            yield from text_problems(f"$.variables[{k}].tag", variable.tag)
    for path, attribute in attributes(case):
        if isinstance(attribute, t.OfStatic) and isinstance(attribute.value, str):
            yield from text_problems(f"{path}.value", attribute.value)


def numbers(case: t.Case) -> Iterator[Problem]:
    values: list[tuple[str, float]] = [
        (f"{path}.value", a.value)
        for path, a in attributes(case)
        if isinstance(a, t.OfStatic) and isinstance(a.value, int)
    ]
    values += [
        (f"$.carry[{k}].value", slot.value)
        for k, slot in enumerate(case.carry)
        if isinstance(slot, t.ScalarSlot)
    ]
    values += [(f"{p}.value", o.value) for p, o in operands(case) if isinstance(o, t.Const)]
    for path, value in values:
        yield from number_problems(5, path, value, limits.MAX_NUMBER)


def layers(case: t.Case) -> Iterator[Problem]:
    for k, node in enumerate(case.nodes):
        if isinstance(node, t.Linear):
            path, config = f"$.nodes[{k}]", node.config
            features = {"in_features": config.in_features, "out_features": config.out_features}
            for name, value in features.items():
                where = f"{path}.config.{name}"
                yield from number_problems(5, where, value, limits.MAX_FEATURES, 1)
            yield from number_problems(5, f"{path}.seed", node.seed, limits.MAX_SEED, 0)


def loop(case: t.Case) -> Iterator[Problem]:
    asked = case.loop
    yield from number_problems(6, "$.loop.lower", asked.lower, limits.MAX_BOUND)
    yield from number_problems(6, "$.loop.upper", asked.upper, limits.MAX_BOUND)
    if trips(asked) > limits.MAX_TRIPS:
        remedy = f"bring lower and upper within {limits.MAX_TRIPS} of each other"
        yield Problem(6, "$.loop", f"it makes {shown(trips(asked))} trips", remedy)
    if asked.unroll is not None and not isinstance(asked.unroll, bool):
        yield from number_problems(6, "$.loop.unroll", asked.unroll, limits.MAX_UNROLL, 1)
    if asked.until is not None:
        yield from number_problems(6, "$.loop.until.limit", asked.until.limit, limits.MAX_UNTIL)


# --- references between rows ----------------------------------------------------------------


def indices(case: t.Case) -> Iterator[Problem]:
    for path, table, row in references(case):
        size = len(getattr(case, table))
        if not 0 <= row < size:
            rows = f"rows 0 to {size - 1}" if size else "no rows"
            remedy = f"{table} has {rows}, so name one of them or add one"
            yield Problem(7, path, f"there is no row {shown(row)} in {table}", remedy)


def references(case: t.Case) -> Iterator[tuple[str, str, int]]:
    """Every index of the case: its JSON path, the table it points into, the row."""
    for path, attribute in attributes(case):
        if isinstance(attribute, t.OfVariable):
            yield f"{path}.variable", "variables", attribute.variable
        elif isinstance(attribute, t.OfNode):
            yield f"{path}.node", "nodes", attribute.node
    for k, slot in enumerate(case.carry):
        if isinstance(slot, t.VariableSlot):
            yield f"$.carry[{k}].variable", "variables", slot.variable
        elif isinstance(slot, t.NodeSlot):
            yield f"$.carry[{k}].node", "nodes", slot.node
        for below, row in entries(slot):
            yield f"$.carry[{k}]{below}", "carry", row
    for path, operand in operands(case):
        if isinstance(operand, t.Input):
            yield f"{path}.x", "xs", operand.x


def carry_tree(case: t.Case) -> Iterator[Problem]:
    seen: set[int] = set()
    for k, slot in enumerate(case.carry):
        for below, row in entries(slot):
            path = f"$.carry[{k}]{below}"
            if row <= k:
                remedy = f"name a row after row {k}"
                yield Problem(8, path, f"row {row} does not come after its parent", remedy)
            elif row in seen:
                remedy = "give each place a row of its own (node and variable rows may be shared)"
                yield Problem(8, path, f"row {row} already has a place", remedy)
            seen.add(row)
    for row in range(1, len(case.carry)):
        if row not in seen:
            remedy = "name it in the slot that holds it, or delete it"
            yield Problem(8, f"$.carry[{row}]", f"row {row} has no place in the carry", remedy)


def total_elements(case: t.Case) -> Iterator[Problem]:
    total = sum(math.prod(array.shape) for _, array in arrays(case))
    if total > limits.MAX_TOTAL:
        remedy = f"keep to {limits.MAX_TOTAL}"
        yield Problem(9, "$", f"its arrays have {total} elements together", remedy)


def xs_lengths(case: t.Case) -> Iterator[Problem]:
    length = trips(case.loop)
    for k, array in enumerate(case.xs):
        if array.shape[:1] != (length,):
            remedy = f"give it the leading dimension {length}, one for each trip"
            reason = f"its shape {list(array.shape)} does not fit a loop of {length} trips"
            yield Problem(10, f"$.xs[{k}].shape", reason, remedy)
