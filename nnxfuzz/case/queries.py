"""Questions about a case that are answered from the data alone."""

import functools

from nnxfuzz.case.types import (
    Arm,
    Attribute,
    Case,
    Index,
    Loop,
    Mapping,
    Module,
    Node,
    NodeSlot,
    OfNode,
    OfStatic,
    Sequence,
    Update,
)

#: The most nodes that a case may have in tree mode, where nothing is shared.
MAX_UNFOLDED = 256


def trips(loop: Loop) -> int:
    """How many trips the loop makes when nothing stops it early."""
    return max(0, loop.upper - loop.lower)


def uses_index(case: Case) -> bool:
    """Whether the body reads the loop's index."""
    operands = [s.operand for s in case.body if isinstance(s, Update)] + [y.value for y in case.ys]
    return any(isinstance(o, Index) for o in operands)


def fits(case: Case, arm: Arm) -> bool:
    """Whether the arm's transform has what the case's loop asks for.

    A module that reaches itself is kept out of tree mode: it exhausts CPython's recursion counter
    for good.  So is a graph that has too many nodes when each place gets a node of its own.
    """
    loop = case.loop
    if arm.mode == "tree" and (has_cycle(case) or unfolded(case) > MAX_UNFOLDED):
        return False
    from nnxfuzz.case.program import Form

    scans = bool(case.inputs or case.ys or loop.reverse or case.form != Form())
    match arm.transform:
        case "fori_loop":
            return not scans and loop.until is None
        case "while_loop":
            return not scans and loop.unroll is None
        case "scan":
            return loop.until is None and loop.bounds == "static"


def children(case: Case, row: int) -> list[int]:
    """The rows of the nodes that the node of `row` holds, once for each place."""
    match case.nodes[row]:
        case Module(attributes):
            held = list(attributes.values())
        case Sequence(items):
            held = list(items)
        case _:
            held = []
    return [h.node for h in held if isinstance(h, OfNode)]


def unfolded(case: Case) -> int:
    """How many nodes the (acyclic) node table has once no node is shared."""

    @functools.cache
    def below(row: int) -> int:
        return 1 + sum(below(child) for child in children(case, row))

    return sum(below(slot.node) for slot in case.carry if isinstance(slot, NodeSlot))


def has_cycle(case: Case) -> bool:
    """Whether some node reaches itself (depth-first over the node table)."""
    done: set[int] = set()

    def visit(row: int, above: frozenset[int]) -> bool:
        if row in above:
            return True
        if row in done:
            return False
        found = any(visit(child, above | {row}) for child in children(case, row))
        done.add(row)
        return found

    return any(visit(row, frozenset()) for row in range(len(case.nodes)))


def scans_over(case: Case) -> bool:
    """Whether a scan can tell its trips from what it runs over, so that it needs no `length`.

    Not asked of an `nnx.StateAxes`, which may match nothing.
    """
    return uses_index(case) or any(
        isinstance(row.axis, int) and _holds_arrays(case, row.what) for row in case.inputs
    )


def _holds_arrays(case: Case, what: Attribute) -> bool:
    match what:
        case OfNode(row):
            return not isinstance(case.nodes[row], Module | Sequence | Mapping) or any(
                _holds_arrays(case, held) for held in held_by(case.nodes[row])
            )
        case OfStatic():
            return False
        case _:
            return True


def held_by(node: Node) -> list[Attribute]:
    """What a node of the case language's own holds."""
    match node:
        case Module(attributes=named) | Mapping(items=named):
            return list(named.values())
        case Sequence(items):
            return list(items)
        case _:
            return []
