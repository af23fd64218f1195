"""Choose the programs that every campaign begins with: `python benchmarks/boundary.py`.

It takes what everybody writes, and of drawn programs those that together have the features named
here.  It makes each as small as its features allow, keeps those on which the installed Flax is
right on some arm and wrong on none, and writes them down: next is the one that has the most of what
none before it has (see `nnxfuzz.campaign.boundary`).
"""

from collections.abc import Sequence
from typing import Any

import click
from hypothesis import Phase, strategies

from nnxfuzz import nnx_api
from nnxfuzz.campaign.boundary import PATH, written
from nnxfuzz.campaign.draws import Choices, search
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Agrees, Finding
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.case import (
    WRAPPERS,
    Array,
    Attribute,
    Case,
    Const,
    Layer,
    Loop,
    Module,
    NodeSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    TupleSlot,
    Update,
    Variable,
    canonical,
    weight,
)
from nnxfuzz.programs.program import Program
from nnxfuzz.programs.shrink import Tries
from nnxfuzz.runners.kinds import available, kind_of
from nnxfuzz.strategies import programs
from nnxfuzz.strategies.calls import call_programs

#: Programs of each kind, at most.
MOST = 30


def _chosen_by_lanes() -> d.CallProgram:
    """Lanes beside a broadcast module, which choose by their number whether a loop is run."""

    def read(name: str, *path: str | int) -> d.Read:
        return d.Read(d.Place(name, path))

    trip = d.Block(("i", "e", "f"), (), (read("e"), read("f")))
    loop = d.Call("fori_loop", "z", {}, (read("b"), read("a")), (trip,))
    branches = (
        d.Block(("a", "b"), (loop,), (read("z", 0),)),
        d.Block(("c", "d"), (), (read("d"),)),
    )
    choice = d.Call("cond", "y", {"by": 1}, (read("p"), read("q")), branches)
    lane = d.Block(("p", "q"), (choice,), (read("y"),))
    lanes = d.Call("vmap", "r", {"in_axes": [None, 0]}, (read("m"), read("x")), (lane,))
    objects: dict[str, Attribute] = {"m": OfNode(0), "x": OfArray(Array(shape=(2, 2)))}
    return d.CallProgram(lanes, (Variable(),), (Module({"a": OfVariable(0)}),), objects)


#: What everybody writes, on which all loops have arms in all modes: two modules with a number that
#: each trip changes, and a layer (which has the member of an enum for an attribute).
FIRST = (
    Case(
        variables=(Variable(), Variable(value=Array(fill=1))),
        nodes=(
            Module({"a": OfVariable(0), "b": OfStatic(1)}),
            Module({"a": OfVariable(1)}),
            Layer("Conv"),
        ),
        carry=(TupleSlot((1, 2, 3)), NodeSlot(0), NodeSlot(1), NodeSlot(2)),
        loop=Loop(0, 2),
        body=(Update(("carry", 0, "a")), Update(("carry", 1, "a"), operand=Const(2))),
    ),
    _chosen_by_lanes(),
)

#: What is left to the draws: what Flax has to refuse, and layers, which cost most to make.
_LEFT = ("ill-formed:", "layer:", "called:", "not finite", "asked:", "length:contradictory")

#: What of it a campaign should see at once all the same.
_ALSO = {"called:linear", "called:BatchNorm", "called:Dropout"}


def main() -> None:
    """Write the file."""
    nnx_api.quiet()
    nnx_api.keep_compiled()
    there = available()
    kept = [
        *FIRST,
        *chosen(drawn(programs(nnx_api.choices()), 1000)),
        *chosen(drawn(call_programs(there, there, nnx_api.features()), 1000)),
    ]
    PATH.write_bytes(written(ordered(kept)))
    click.echo(f"{len(kept)} programs, {PATH.stat().st_size} bytes")


def drawn(strategy: "strategies.SearchStrategy[Program]", count: int) -> list[Program]:
    """Programs of one seed, each once."""
    found: dict[bytes, Program] = {}

    def visit(one: Program) -> None:
        found[canonical(one)] = one

    search(strategy, 0, count, Choices(), (Phase.generate,), visit)
    return list(found.values())


def features(program: Program) -> set[str]:
    """What of a program counts; of a call program that is the transform that is outermost, and all
    but which transform stands in which.
    """
    names = kind_of(program).exercised(program)
    if isinstance(program, Case):
        return {name for name in names if name in _ALSO or not name.startswith(_LEFT)}
    own = {name for name in names if " in " not in name}
    return own | {f"outermost {program.call.transform}"}


def chosen(candidates: Sequence[Program]) -> list[Program]:
    """Programs that have every feature that Flax is right on, as far as `MOST` suffice.

    Next comes always the one with most that is new for its size.
    """
    has = [features(one) for one in candidates]
    size = [len(canonical(one)) ** 0.5 for one in candidates]
    kept: list[Program] = []
    seen, left = set[str](), set(range(len(candidates)))
    while len(kept) < MOST:
        at = max(left, key=lambda k: (len(has[k] - seen) / size[k], -k))
        new = has[at] - seen
        if not new:
            break
        left.remove(at)
        small = smaller(candidates[at], new)
        if right(small):
            kept.append(small)
            seen |= features(small)
            click.echo(f"{len(kept)}: {', '.join(sorted(new))}")
    return kept


def smaller(program: Program, wanted: set[str]) -> Program:
    """The program as small as it can be with these features."""

    def has(one: Any) -> bool:
        return wanted <= features(one)

    return kind_of(program).reduced(program, has, Tries(300, lambda: False))


def right(program: Program) -> bool:
    """Whether the installed Flax is right on one arm at least, and no arm is undecided or wrong."""
    kind = kind_of(program)
    judging = kind.judging(program)
    arms = kind.arms(program, available(), nnx_api.modes())
    arms += kind.wrapped(program, arms, WRAPPERS, {})
    try:
        verdicts = [judging.verdict(arm, kind.explores, None) for arm in arms]
    except Inconclusive:
        return False
    good = any(isinstance(verdict, Agrees) for verdict in verdicts)
    return good and not any(isinstance(verdict, Finding) for verdict in verdicts)


def ordered(programs: Sequence[Program]) -> list[Program]:
    """The programs, each time the one that has the most features that none before it has; of equal
    ones the smaller.
    """
    left, found, met = sorted(programs, key=weight), list[Program](), set[str]()

    def new(program: Program) -> int:
        return len(kind_of(program).exercised(program) - met)

    while left:
        found.append(max(left, key=new))
        left.remove(found[-1])
        met |= kind_of(found[-1]).exercised(found[-1])
    return found


if __name__ == "__main__":
    main()
