"""Questions about a case that are answered from the data alone."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.wrappers import wrapper_fits

#: The most nodes that a case may have in tree mode, where nothing is shared.
MAX_UNFOLDED = 256


def trips(loop: t.Loop) -> int:
    """How many trips the loop makes when nothing stops it early."""
    return max(0, loop.upper - loop.lower)


def prefixed(case: t.Case, mode: t.Mode) -> bool:
    """Whether the parts of the inputs are told by an `nnx.prefix`: graph mode has StateAxes."""
    return case.form.parts == "prefix" and mode != "graph"


def statements(case: t.Case) -> Iterator[tuple[str, t.Statement]]:
    """Every statement of the body and of the blocks, with its JSON path."""
    yield from ((f"$.body[{k}]", statement) for k, statement in enumerate(case.body))
    for block, rows in enumerate(case.blocks):
        yield from ((f"$.blocks[{block}][{k}]", statement) for k, statement in enumerate(rows))


def operands(case: t.Case) -> Iterator[tuple[str, t.Operand]]:
    """Every operand of a statement or an output, with its JSON path."""
    for path, statement in statements(case):
        if isinstance(statement, t.Update | t.Sow):
            yield f"{path}.operand", statement.operand
    for k, output in enumerate(case.ys):
        if not isinstance(output.value, t.OfVariable | t.OfNode):
            yield f"$.ys[{k}].value", output.value


def only_trains(case: t.Case) -> bool:
    """Whether the body does no more to a carried model and its optimizer than to train them, as
    Flax's documentation does (docs_nnx/nnx_basics.ipynb): other writes go to arrays of the carry.
    """
    root = case.carry[0] if case.carry else None
    slots = [case.carry[row] for row in root.items] if isinstance(root, t.TupleSlot) else []
    arrays = [("carry", k) for k, slot in enumerate(slots) if isinstance(slot, t.ArraySlot)]
    return any(isinstance(s, t.Train) for s in case.body) and all(
        {s.optimizer[0], s.model[0]} == {"carry"}
        if isinstance(s, t.Train)
        else isinstance(s, t.Update) and s.at in arrays
        for s in case.body
    )


def uses_index(case: t.Case) -> bool:
    """Whether the body reads the loop's index."""
    return any(isinstance(operand, t.Index) for _, operand in operands(case))


def scans(case: t.Case) -> bool:
    """Whether the case asks for what only scan has."""
    return bool(case.inputs or case.ys or case.loop.reverse or case.form != t.Form())


def fits(case: t.Case, arm: t.Arm) -> bool:
    """Whether the arm's transform has what the case's loop asks for.

    A module that reaches itself is kept out of tree mode: it exhausts CPython's recursion counter
    for good.  So is a graph that has too many nodes when each place gets a node of its own.
    """
    loop = case.loop
    if arm.mode == "tree" and (has_cycle(case) or unfolded(case) > MAX_UNFOLDED):
        return False
    if arm.wrapper != "plain" and not wrapper_fits(case, arm):
        return False
    row = t.LOOPS[arm.transform]
    return (
        (row.scans or not scans(case))
        and (row.stops or loop.until is None)
        and (row.unrolls or loop.unroll is None)
        and (row.bounds or loop.bounds == "static")
    )


def held(case: t.Case, row: int) -> list[t.Attribute]:
    """What the node of `row` holds of the case's own rows."""
    return [attribute for _, attribute in t.held_by(case.nodes[row])]


def children(case: t.Case, row: int) -> list[int]:
    """The rows of the nodes that the node of `row` holds, once for each place."""
    return [h.node for h in held(case, row) if isinstance(h, t.OfNode)]


def lists_hold_themselves(case: t.Case) -> bool:
    """Whether a list is reached from itself by lists alone."""
    lists = {row for row, node in enumerate(case.nodes) if isinstance(node, t.Sequence)}
    return _circular({row: lists.intersection(children(case, row)) for row in lists})


def family(case: t.Case, row: int) -> set[int]:
    """The rows of all nodes that are reached from the node of `row`, its own included."""
    seen: set[int] = set()
    left = [row]
    while left:
        here = left.pop()
        if here not in seen:
            seen.add(here)
            left += children(case, here)
    return seen


def unfolded(case: t.Case) -> int:
    """How many nodes the (acyclic) node table has once no node is shared."""

    @functools.cache
    def below(row: int) -> int:
        return 1 + sum(below(child) for child in children(case, row))

    tops = [slot.node for slot in case.carry if isinstance(slot, t.NodeSlot)]
    tops += [row.what.node for row in case.inputs if isinstance(row.what, t.OfNode)]
    tops += [row.value.node for row in case.ys if isinstance(row.value, t.OfNode)]
    return sum(below(row) for row in tops)


def has_cycle(case: t.Case) -> bool:
    """Whether some node reaches itself."""
    return _circular({row: children(case, row) for row in range(len(case.nodes))})


def cyclic(case: t.Case, row: int) -> bool:
    """Whether the node of `row` reaches a node that reaches itself."""
    return _circular({each: children(case, each) for each in family(case, row)})


def _circular(below: Mapping[int, Iterable[int]]) -> bool:
    """Whether some row leads to itself by way of those that are below each."""
    try:
        TopologicalSorter(below).prepare()
    except CycleError:
        return True
    return False


def scans_over(case: t.Case) -> bool:
    """Whether a scan can tell its trips from what it runs over, so that it needs no `length`.

    An `nnx.StateAxes` does not count, since it may match nothing.
    """
    return uses_index(case) or any(
        isinstance(row.axis, int) and _holds_arrays(case, row.what) for row in case.inputs
    )


def _holds_arrays(case: t.Case, what: t.Attribute, above: frozenset[int] = frozenset()) -> bool:
    """Whether an array is at or below it; the nodes `above` are being asked already."""
    match what:
        case t.OfNode(row):
            own = isinstance(case.nodes[row], t.Module | t.Sequence | t.Mapping)
            below = () if row in above else held(case, row)
            return not own or any(_holds_arrays(case, each, above | {row}) for each in below)
        case t.OfStatic():
            return False
        case _:
            return True
