"""Whole programs: a draft of objects and carry, a loop, a body."""

from hypothesis import strategies as st

from nnxfuzz.case import (
    FEATURES,
    Array,
    Case,
    Feature,
    Loop,
    Module,
    OfNode,
    OfVariable,
    Operand,
    Until,
    trips,
)
from nnxfuzz.strategies.bodies import Author, trip_counts
from nnxfuzz.strategies.graphs import SHAPES, Draft, Draw


@st.composite
def programs(draw: Draw, features: frozenset[Feature] = frozenset(FEATURES)) -> Case:
    """Well-formed programs that need no more than `features`."""
    draft = Draft(draw, features)
    draft.slot()
    form = draft.pick("any", "any", "any", "scan", "scan", "until", "unroll", "traced")
    loop = _loop(draft, form)
    xs = _xs(draft, trips(loop)) if form == "scan" else ()
    closure = _closure(draft)
    case = Case(
        variables=tuple(draft.variables),
        nodes=tuple(draft.nodes),
        carry=tuple(draft.carry),
        closure=closure,
        loop=loop,
        xs=xs,
    )
    author = Author(draft, case)
    if form == "until":
        loop = _with_until(draft, author, loop)
    body = author.body()
    ys = _ys(draft, author) if form == "scan" else ()
    return Case(case.variables, case.nodes, case.carry, closure, loop, xs, body, ys)


def _loop(draft: Draft, form: str) -> Loop:
    lower = draft.draw(st.sampled_from((0, 0, 0, 2, -1)))
    upper = lower + draft.draw(trip_counts)
    match form:
        case "scan":
            unroll = draft.draw(st.sampled_from((None, None, None, 2, True)))
            return Loop(lower, upper, unroll=unroll, reverse=draft.count(1) == 1)
        case "unroll":
            return Loop(lower, upper, unroll=draft.draw(st.sampled_from((1, 2, True, False, 7))))
        case "traced":
            unroll = draft.draw(st.sampled_from((None, None, None, None, 2)))
            return Loop(lower, upper, "traced", unroll)
        case _:
            return Loop(lower, upper)


def _xs(draft: Draft, length: int) -> tuple[Array, ...]:
    """Up to two arrays to scan over."""
    return tuple(
        Array(
            draft.draw(st.sampled_from(("float32", "int32"))),
            (length, *draft.draw(st.sampled_from(SHAPES[:3]))),
            draft.count(3),
        )
        for _ in range(draft.count(2))
    )


def _closure(draft: Draft) -> tuple[OfVariable | OfNode, ...]:
    """In one program of four, an object that the carry does not reach."""
    match draft.pick("none", "none", "none", "none", "none", "none", "variable", "node"):
        case "variable":
            return (OfVariable(draft.new_variable()),)
        case "node":
            draft.nodes.append(Module({"a": OfVariable(draft.new_variable())}))
            return (OfNode(len(draft.nodes) - 1),)
        case _:
            return ()


def _with_until(draft: Draft, author: Author, loop: Loop) -> Loop:
    """A stop by what an integer place holds (floats may be rounded or not a number)."""
    counted = [p for p in author.targets if p.dtype == "int32"]
    if not counted:
        return loop
    at = counted[draft.count(len(counted) - 1)].path
    return Loop(loop.lower, loop.upper, until=Until(at, draft.count(6)))


def _ys(draft: Draft, author: Author) -> tuple[Operand, ...]:
    """Up to two outputs of each trip."""
    return tuple(author.operand(None) for _ in range(draft.count(2)))
