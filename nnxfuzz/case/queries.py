"""Questions about a case that are answered from the data alone."""

import functools

from nnxfuzz.case.types import (
    Arm,
    Case,
    Index,
    Linear,
    Loop,
    Module,
    NodeSlot,
    OfNode,
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
    operands = [s.operand for s in case.body if isinstance(s, Update)] + list(case.ys)
    return any(isinstance(o, Index) for o in operands)


def fits(case: Case, arm: Arm) -> bool:
    """Whether the arm's transform has what the case's loop asks for.

    A module that reaches itself is kept out of tree mode: it exhausts CPython's recursion counter
    for good.  So is a graph that has too many nodes when each place gets a node of its own.
    """
    loop = case.loop
    if arm.mode == "tree" and (has_cycle(case) or unfolded(case) > MAX_UNFOLDED):
        return False
    scans = bool(case.xs or case.ys or loop.reverse)
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
        case Linear():
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
