"""Rules W1 to W6: the tables of a case, each row by itself.

The rules are stated in the box of `check`, which asks the rules on whole tables (`check_tables`)
and on the body (`check_body`) only once these hold.
"""

import keyword
import math
from collections.abc import Iterable, Iterator

from nnxfuzz.programs.case import limits
from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.problem import Problem, member, shown
from nnxfuzz.programs.case.queries import operands, statements, trips
from nnxfuzz.programs.case.rows import arrays, attributes

# --- sizes and names ------------------------------------------------------------------------


def table_sizes(case: t.Case) -> Iterator[Problem]:
    sizes = [(f"$.{table}", len(getattr(case, table)), most) for table, most in limits.ROWS.items()]
    sizes += [(f"$.blocks[{k}]", len(b), limits.MAX_BLOCK) for k, b in enumerate(case.blocks)]
    for path, rows, most in sizes:
        if rows > most:
            yield Problem(1, path, f"it has {rows} rows", f"keep to {most}")
    if not case.carry:
        yield Problem(1, "$.carry", "it has no rows", "give it at least the root, row 0")


def row_sizes(case: t.Case) -> Iterator[Problem]:
    sizes = [(f"$.carry[{k}].items", len(t.entries_of(slot))) for k, slot in enumerate(case.carry)]
    for k, node in enumerate(case.nodes):
        path = f"$.nodes[{k}]"
        if isinstance(node, t.Streams):
            sizes.append((f"{path}.seeds", len(node.seeds)))
        else:
            table = "attributes" if isinstance(node, t.Module) else "items"
            sizes.append((f"{path}.{table}", len(t.held_by(node))))
    for path, size in sizes:
        if size > limits.MAX_ENTRIES:
            yield Problem(2, path, f"it has {size} entries", f"keep to {limits.MAX_ENTRIES}")
    axes: list[tuple[str, object]] = []
    axes += [(f"$.inputs[{k}].axis", row.axis) for k, row in enumerate(case.inputs)]
    axes += [(f"$.ys[{k}].axis", output.axis) for k, output in enumerate(case.ys)]
    for path, axis in axes:
        if isinstance(axis, tuple) and len(axis) > limits.MAX_PARTS:
            remedy = f"keep to {limits.MAX_PARTS}"
            yield Problem(2, path, f"it has {len(axis)} parts", remedy)


def names(case: t.Case) -> Iterator[Problem]:
    for path, table, owner in name_tables(case):
        for name in table:
            yield from name_problems(member(path, name), name, owner)
    for path, statement in statements(case):
        if isinstance(statement, t.Sow):
            yield from name_problems(f"{path}.name", statement.name)
    for path, part in parts_of(case):
        if part.under is not None:
            yield from name_problems(f"{path}.under", part.under)


def name_tables(case: t.Case) -> Iterator[tuple[str, Iterable[str], str]]:
    """The names of each table, with the class that has methods beside them."""
    for k, node in enumerate(case.nodes):
        match node:
            case t.Module(named):
                yield f"$.nodes[{k}].attributes", named, "Module"
            case t.Mapping(named):
                yield f"$.nodes[{k}].items", named, "Dict"
            case t.Streams(seeds):
                yield f"$.nodes[{k}].seeds", seeds, "Rngs"
            case _:
                pass
    for k, slot in enumerate(case.carry):
        if isinstance(slot, t.DictSlot | t.RecordSlot):
            owner = slot.kind if isinstance(slot, t.RecordSlot) else "Module"
            yield f"$.carry[{k}].items", slot.items, owner


def parts_of(case: t.Case) -> Iterator[tuple[str, t.Part]]:
    for k, row in enumerate(case.inputs):
        for j, part in enumerate(row.axis if isinstance(row.axis, tuple) else ()):
            yield f"$.inputs[{k}].axis[{j}]", part


def name_problems(path: str, name: str, owner: str = "Module") -> Iterator[Problem]:
    if name in limits.RESERVED[owner]:
        of = f"a {owner}" if owner.islower() else f"nnx.{owner}"
        reason = f"the name {shown(name)} is a method of {of}"
        yield Problem(3, path, reason, "use another")
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
        path = f"$.variables[{k}]"
        if variable.tag is not None:
            yield from text_problems(f"{path}.tag", variable.tag)
        for j, name in enumerate(variable.names or ()):
            if name is not None:
                yield from text_problems(f"{path}.names[{j}]", name)
    for path, attribute in attributes(case):
        if isinstance(attribute, t.OfStatic) and isinstance(attribute.value, str):
            yield from text_problems(f"{path}.value", attribute.value)
    if case.form.partition is not None:
        yield from text_problems("$.form.partition", case.form.partition)


def partition_names(case: t.Case) -> Iterator[Problem]:
    for k, variable in enumerate(case.variables):
        rank, names = len(variable.value.shape), variable.names
        if names is not None and len(names) != rank:
            reason = f"it names {len(names)} axes of an array that has {rank}"
            remedy = "give each axis a name or null"
            yield Problem(5, f"$.variables[{k}].names", reason, remedy)


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
    values += [(f"{p}.value", s.value) for p, s in statements(case) if isinstance(s, t.Everywhere)]
    for path, value in values:
        yield from number_problems(5, path, value, limits.MAX_NUMBER)
    for path, statement in statements(case):
        if isinstance(statement, t.Within):
            yield from number_problems(5, f"{path}.times", statement.times, limits.MAX_TIMES, 0)


def layers(case: t.Case) -> Iterator[Problem]:
    for k, node in enumerate(case.nodes):
        path = f"$.nodes[{k}]"
        match node:
            case t.Linear(config, seed, stack):
                for name in ("in_features", "out_features"):
                    where, value = f"{path}.config.{name}", getattr(config, name)
                    yield from number_problems(5, where, value, limits.MAX_FEATURES, 1)
                yield from stack_problems(path, seed, stack)
            case t.Layer(_, seed, stack):
                yield from stack_problems(path, seed, stack)
            case t.Streams(seeds, splits):
                for name, seed in seeds.items():
                    where = member(f"{path}.seeds", name)
                    yield from number_problems(5, where, seed, limits.MAX_SEED, 0)
                if splits is not None:
                    yield from number_problems(5, f"{path}.splits", splits, limits.MAX_TRIPS, 1)
            case t.Module() | t.Sequence() | t.Mapping() | t.Optimizer():
                pass


def stack_problems(path: str, seed: int, stack: int | None) -> Iterator[Problem]:
    yield from number_problems(5, f"{path}.seed", seed, limits.MAX_SEED, 0)
    if stack is not None:
        yield from number_problems(5, f"{path}.stack", stack, limits.MAX_TRIPS, 1)


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
    if case.form.length is not None:
        yield from number_problems(6, "$.form.length", case.form.length, limits.MAX_TRIPS, 0)
