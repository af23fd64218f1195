"""What differs only because a function is given an object, and reaches it by closure as well.

To Flax the argument and what the closure holds are two objects there, and no documentation says
what the one sees of the other (see `apart`).
"""

import re
from collections.abc import Callable, Iterable, Iterator

from nnxfuzz import plain
from nnxfuzz.checker import worlds
from nnxfuzz.checker.apart import APART, APART_WHERE_TRACED, HANDED_ON
from nnxfuzz.checker.call_runs import Run
from nnxfuzz.checker.judge import Judge
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.verdicts import Verdict as Told
from nnxfuzz.checker.worlds import DELETED
from nnxfuzz.oracle.arithmetic import Cause, Inconclusive
from nnxfuzz.oracle.verdict import Difference, World, dotted
from nnxfuzz.plain.frame import MAPS
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls.writer import BINDING
from nnxfuzz.programs.case import Arm


def of_one_object(
    arm: Arm, told: Told, judge: Judge, side: Side, run: Run, found: tuple[Difference, ...]
) -> tuple[Difference, ...]:
    """The differences of a call that returned which do not come of this: that an object is another
    one where a function reaches it by closure.  Raises Inconclusive if none is left.
    """
    seen = judge.python.seen
    cause = _reached_twice(seen, run.differentiates)
    if cause is not None:
        # without a `transform_metadata` the two come to the same
        views = (APART, APART_WHERE_TRACED) if "transform_metadata" in seen.transforms else (APART,)
        for view in views:
            found = _left_of(found, run.of_either_view(found, judge, view, side.world))
        written = _stands_at(set(_written_by_closure(seen, run.program)), judge.before)
        found = tuple(d for d in found if d.aspect != "metadata" or not written(d))
        if not found:
            raise Inconclusive(cause, told.told)
    if seen.of("captured-argument") and all(map(is_deleted, found)):
        raise Inconclusive("a block writes an argument that it reaches by closure", told.told)
    if not seen.of("captured-returned"):
        return found
    if arm.mode == "graph":
        found = tuple(run.of_either_view(found, judge, HANDED_ON))
    if not found or _handed_on(arm, judge, side, run, found):
        raise Inconclusive("a function returns what it reaches by closure", told.told)
    return found


def _left_of(found: tuple[Difference, ...], rest: Iterable[Difference]) -> tuple[Difference, ...]:
    """The rest, without what follows from a difference that is not in it: where another object
    stands, what it holds is shown there, or not.
    """
    left = tuple(rest)
    gone = [d.path for d in found if d.aspect == "identity" and d not in left]

    def follows(d: Difference) -> bool:
        below = any(d.path[: len(path)] == path for path in gone)
        return below and d.aspect in ("missing", "extra")

    return tuple(d for d in left if not follows(d))


def is_deleted(d: Difference) -> bool:
    """Whether all that is wrong with a Variable is that its array was donated."""
    return d.got == f"{d.expected} {DELETED}".strip()


def _reached_twice(seen: plain.Observations, differentiates: bool) -> Cause | None:
    """Whether a function is given, and reaches by closure, too, a Variable or a raw array that it
    writes, that a transform takes a slice of, or that a gradient is taken by; as a cause.

    Flax has two of them there, and no documentation says what the one sees of the other.  So it
    has where the condition of a while_loop reaches what the body writes.
    """
    written = set(seen.paths("captured-written"))
    reached = [*seen.of("captured-argument"), *seen.of("captured-array")]
    twice = any(one.paths[0] in written or one.transform in MAPS for one in reached)
    if seen.of("condition-captured") or twice:
        return "a block writes an argument that it reaches by closure"
    if differentiates and seen.of("captured-argument"):
        # to jax.grad what a function closes over is a constant, in Python it is the argument itself
        return "a gradient is taken for what the function reaches by closure too"
    return None


def _written_by_closure(seen: plain.Observations, program: d.CallProgram) -> Iterator[str]:
    """The places of arguments to which the function writes by closure.

    No mode traces metadata, so that what it sets of them there, it sets at once.
    """
    written = set(seen.paths("captured-written"))
    return _places((o for o in seen.of("captured-argument") if o.paths[0] in written), program)


def _places(seen: Iterable[plain.Observation], program: d.CallProgram) -> Iterator[str]:
    """Where the caller has the arguments of the outermost call that are reached by closure, too."""
    own = program.call.args[program.call.style in BINDING :]
    for one in seen:
        place = re.match(r"args\[(\d+)\](.*)", one.paths[1])
        if one.depth or place is None:
            continue
        given = own[int(place[1])] if int(place[1]) < len(own) else None  # tangents stand behind
        if isinstance(given, d.Read):
            yield dotted(("caller", given.place.name, *given.place.path)) + place[2]


def _stands_at(places: set[str], before: World) -> Callable[[Difference], bool]:
    """Whether a difference is of an object that stood at one of the places, there or elsewhere."""
    objects = {e.identity for path, e in before.items() if dotted(path) in places} - {None, ""}

    def stands(d: Difference) -> bool:
        here = before.get(d.path)
        known = here is not None and here.identity in objects
        return known or not places.isdisjoint((dotted(d.path), str(d.path[-1])))

    return stands


def _handed_on(arm: Arm, judge: Judge, flax: Side, run: Run, found: tuple[Difference, ...]) -> bool:
    """Whether a copy of what a function captures, in what it returns or in an argument to which it
    gives it, is all that is wrong, where none is refused.

    docs_nnx/flip/4105-jax-style-nnx-transforms.md has "Captured Modules cannot be outputs" of the
    modes without graph updates, which refuse the Variables in them.  Of graph mode, where `jit` and
    `vmap` refuse and `remat` and `grad` copy, and of modules without Variables it says nothing.
    """
    python = judge.python
    twice = set(_places(python.seen.of("captured-argument"), run.program))

    def is_captured(d: Difference) -> bool:
        """Whether the function has put there what it captures, an argument's own or another."""
        there = judge.before.get(d.path)
        put = there is None or there.identity != d.expected
        return d.expected.startswith("closure.") or (put and d.expected in twice)

    tops = [
        d for d in found if d.aspect == "identity" and (d.path[0] == "result" or is_captured(d))
    ]
    names = [e.identity for e in python.world.values() if e.role == "variable" and e.identity]
    held = any(is_at_or_below(name, top.expected) for name in names for top in tops)

    def is_copy(d: Difference) -> bool:
        return any(d.path[: len(top.path)] == top.path for top in tops)

    def is_as_it_was(d: Difference) -> bool:
        """Whether it is in the captured object, which in Python is met first where it was put."""
        here = [world[d.path] for world in (judge.before, flax.world) if d.path in world]
        below = any(is_at_or_below(dotted(d.path), top.expected) for top in tops)
        return (
            below
            and len(here) == 2
            and not worlds.differences({d.path: here[0]}, {d.path: here[1]})
        )

    copies = all(is_copy(d) or (d.aspect == "extra" and is_as_it_was(d)) for d in found)
    return copies and (arm.mode == "graph" or not held)


def is_at_or_below(name: str, top: str) -> bool:
    return name == top or name.startswith((f"{top}.", f"{top}["))
