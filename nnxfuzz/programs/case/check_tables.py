"""Rules W7 to W9, W20 to W22 and W27: how the rows of a case go together.

The rules are stated in the box of `check`; each row by itself is known to be sound (`check_rows`).
"""

import math
from collections import Counter
from collections.abc import Iterator

from nnxfuzz.programs.case import limits
from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.problem import Problem, shown
from nnxfuzz.programs.case.queries import family, held
from nnxfuzz.programs.case.rows import arrays, entry, references


def indices(case: t.Case) -> Iterator[Problem]:
    for path, table, row in references(case):
        size = len(getattr(case, table))
        if not 0 <= row < size:
            rows = f"rows 0 to {size - 1}" if size else "no rows"
            remedy = f"{table} has {rows}, so name one of them or add one"
            yield Problem(7, path, f"there is no row {shown(row)} in {table}", remedy)


def carry_tree(case: t.Case) -> Iterator[Problem]:
    seen: set[int] = set()
    for k, slot in enumerate(case.carry):
        for step, row in t.entries_of(slot):
            path = entry(f"$.carry[{k}].items", step)
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


# --- stacked things -------------------------------------------------------------------------


def stacked(node: t.Node) -> int | None:
    """How many of a kind a node holds in one, if it does."""
    match node:
        case t.Linear(_, _, count) | t.Layer(_, _, count) | t.Streams(_, count):
            return count
        case t.Module() | t.Sequence() | t.Mapping() | t.Optimizer():
            return None


#: Where rows are named that are no inputs.
_OUTSIDE = ("$.carry", "$.closure", "$.body", "$.ys")


def stacks(case: t.Case) -> Iterator[Problem]:
    """W20; what stands below inputs is for W10."""
    for path, table, top in references(case):
        if table == "nodes" and path.startswith(_OUTSIDE):
            for row in sorted(family(case, top)):
                if stacked(case.nodes[row]) is not None:
                    reason = f"row {row} of nodes is stacked, and this is no input"
                    remedy = "let an input hold it, or leave out its 'stack' or 'splits'"
                    yield Problem(20, path, reason, remedy)


#: The rules of a case's optimizers.
RULES = ("sgd", "momentum", "adam")


def optimizers(case: t.Case) -> Iterator[Problem]:
    for k, node in enumerate(case.nodes):
        if isinstance(node, t.Optimizer):
            model = case.nodes[node.model]
            if not isinstance(model, t.Linear) or model.stack is not None:
                reason = f"row {node.model} of nodes is no single linear layer"
                remedy = "name a linear layer without 'stack'"
                yield Problem(21, f"$.nodes[{k}].model", reason, remedy)
            if node.rule not in RULES or node.wrt != "nnx.Param":
                reason = f"a case has no optimizer of {node.rule} by {node.wrt}"
                yield Problem(21, f"$.nodes[{k}]", reason, f"use {', '.join(RULES)} by nnx.Param")


# --- states ---------------------------------------------------------------------------------


def states(case: t.Case) -> Iterator[Problem]:
    """W22: what a state is made of is a tree of its own."""
    named = Counter((table, row) for _, table, row in references(case))
    for k, slot in enumerate(case.carry):
        if isinstance(slot, t.StateSlot):
            for table, row in tree(case, slot.node):
                path = f"$.carry[{k}].node"
                if table == "nodes" and not state_like(case, row):
                    reason = f"row {row} of nodes is not for a state"
                    remedy = "use modules, mappings and linear layers, without raw arrays"
                    yield Problem(22, path, reason, remedy)
                elif named[table, row] > 1:
                    reason = f"row {row} of {table} has a place elsewhere too"
                    remedy = "give the state a tree of its own"
                    yield Problem(22, path, reason, remedy)


def tree(case: t.Case, top: int) -> list[tuple[str, int]]:
    """The rows of nodes and Variables that are reached from a node."""
    nodes = sorted(family(case, top))
    below = [each for row in nodes for each in held(case, row)]
    variables = {each.variable for each in below if isinstance(each, t.OfVariable)}
    rows = [("nodes", row) for row in nodes]
    return rows + [("variables", row) for row in sorted(variables)]


def closures(case: t.Case) -> Iterator[Problem]:
    """W27: what stands elsewhere too is no closure, and may be written there."""
    given = [*case.carry, *(row.what for row in case.inputs)]
    elsewhere = {row for each in given for row in rows_of(case, each)}
    for k, each in enumerate(case.closure):
        for table, row in sorted(rows_of(case, each) & elsewhere)[:1]:
            reason = f"row {row} of {table} has a place in the carry or the inputs too"
            yield Problem(27, f"$.closure[{k}]", reason, "give the closure rows of its own")


def rows_of(case: t.Case, top: t.Slot | t.Attribute) -> set[tuple[str, int]]:
    """The rows of nodes and Variables that a slot or an attribute names, and all below them."""
    match top:
        case t.OfVariable(row) | t.VariableSlot(row):
            return {("variables", row)}
        case t.OfNode(row) | t.NodeSlot(row):
            return set(tree(case, row))
        case _:
            return set()


def state_like(case: t.Case, row: int) -> bool:
    plain = isinstance(case.nodes[row], t.Module | t.Mapping | t.Linear)
    return plain and not any(isinstance(each, t.OfArray) for each in held(case, row))
