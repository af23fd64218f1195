"""The verdict on one call: Flax's world against Python's, and against what the mode documents."""

import functools
import traceback
from typing import Any

import jax
import msgspec

from nnxfuzz import plain
from nnxfuzz.checker.as_traced import ALIKE, ASKS, CATCHES
from nnxfuzz.checker.behind import (
    because_of_caches,
    because_of_capture,
    because_of_effects,
    because_of_imports,
    because_of_leaks,
    because_of_sharing,
    because_traced,
    explained,
    is_within,
    kept_in_caches,
)
from nnxfuzz.checker.closeness import is_small, like, undecided
from nnxfuzz.checker.documented import (
    LINES,
    NAMED,
    containers_copied,
    deviation,
    ignores,
    listed,
    paths_at,
    paths_of,
)
from nnxfuzz.checker.judgeable import Judgeable, Options
from nnxfuzz.checker.noise import Noise
from nnxfuzz.checker.refusals.base import named
from nnxfuzz.checker.refusals.calling import untransformed
from nnxfuzz.checker.refused import Refused, damage, is_inconsistent, sizes_differ
from nnxfuzz.checker.sorts import of_another_sort, verdict_on_sorts
from nnxfuzz.checker.steady import steady, steady_effects, unsteady
from nnxfuzz.checker.tracebacks import are_alike, is_users_own, short
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.verdicts import Verdict
from nnxfuzz.checker.warned import warned
from nnxfuzz.checker.worlds import aspects_of, differences, distinct, name_of, of_these, told
from nnxfuzz.oracle.failures import is_own_fault
from nnxfuzz.oracle.verdict import Difference, World
from nnxfuzz.programs.case import Mode, TreePath
from nnxfuzz.runners.judge import kept


def _in_float64() -> str:
    """What can be done where numbers are too rough to be compared, and are not of 64 bits."""
    if jax.config.jax_enable_x64:
        return ""
    return "check it with JAX_ENABLE_X64=1, which makes float64 of what has no dtype of its own"


def verdict_on(trial: Judgeable, flax: Side, mode: Mode, added: Options) -> Verdict:
    """The verdict on a run by Flax in `mode`, to which the options `added` lead."""
    return Judge(trial, mode, added).verdict(flax)


class Judge:
    """The verdict on one call in one mode; `differences` are those that make it one."""

    def __init__(self, trial: Judgeable, mode: Mode, added: Options, demands: bool = False) -> None:
        self.trial = trial
        #: Whether a mode has to do what it documents, also where Flax does as Python.
        self.demands = demands
        self.mode = mode
        self.added = added
        self.python = trial.plain("python", added)
        self.noise = Noise(trial, added, self.python)
        #: Flax's run.
        self._flax: Side | None = None
        #: The run of what the mode documents, once it was needed.
        self._meant: Side | None = None
        self._before: World | None = None
        self.differences: list[Difference] = []
        #: The run that they are from.
        self.wanted = self.python

    @property
    def before(self) -> World:
        """What the caller held before the call."""
        if self._before is None:
            self._before = self.trial.before()
        return self._before

    def verdict(self, flax: Side) -> Verdict:
        """The verdict on what Flax made of the call, with warnings about the call itself.

        A mistake of ours in a plain run is raised.
        """
        self._flax = flax
        self._raise_own_fault(self.python)
        verdict = self._with_effects(self._verdict(flax), flax)
        meant = self._meant if verdict.kind == "deviates" else None
        warnings = warned(self.trial, self.python, meant, flax)
        return msgspec.structs.replace(verdict, warnings=warnings)

    def _with_effects(self, verdict: Verdict, flax: Side) -> Verdict:
        """A call that leaves all Variables and results right, and the program's own objects not."""
        if verdict.kind in ("same", "deviates") and (sorts := self._sorts(flax)):
            self.differences, self.wanted = sorts, self.python
            return verdict_on_sorts(sorts)
        if verdict.kind == "different" and flax.raised is None:
            held = self.trial.effects(self.python, flax, everywhere=True, exactly=True)
            rest = [d for d in self.differences if not is_within(d, held)]
            if self.differences and not rest:
                return because_traced(held)
            if len(rest) < len(self.differences) and verdict.lines[:1] == (verdict.told,):
                first = self._different(rest, self.wanted, flax)  # and not what tracing does
                verdict = msgspec.structs.replace(first, way_out=verdict.way_out)
            beside = self.trial.effects(self.python, flax, everywhere=True)
            given = self.differences, self.wanted.world, beside, self._drawn
            return because_of_effects(verdict, *given)
        if verdict.kind != "same" or flax.raised is not None:
            return verdict
        if flax.misplaced:
            text = f"{listed(paths_at(flax.misplaced))} is not placed as out_shardings asks"
            return self._missing(flax.misplaced, ("the sharding asked for", "another"), text)
        found = self._steady_effects(flax)
        if flax.imports and not found:
            return because_of_imports(flax.imports)
        if flax.memoizes:
            return kept_in_caches(flax.memoizes)
        return because_traced(found) if found else self._with_copies(verdict)

    def _sorts(self, flax: Side) -> list[Difference]:
        """The arrays that are of another sort than in Python, and than the mode documents."""
        found = of_another_sort(self.trial, self.python, flax)
        documented = of_another_sort(self.trial, self._in_this_mode(), flax) if found else []
        return [d for d in found if d in documented]

    def _steady_effects(self, flax: Side) -> dict[str, str]:
        """What the function does to the program's own objects, and does each time."""
        found = self.trial.effects(self.python, flax)
        return steady_effects(found, self.trial, self.python, self._repeated, flax) if found else {}

    @functools.cached_property
    def _repeated(self) -> Side:
        """Python's run once more, at a later time: what is another now depends on a clock, say."""
        return self.trial.later("python", self.added)

    def _steady(self, found: list[Difference], flax: Side) -> list[Difference]:
        again = self._repeated.world if found else {}
        return steady(found, self.before, self.python.world, again, flax.world)

    def _drawn(self) -> World:
        """What is wanted with other numbers of random generators."""
        meaning = "python" if self.wanted is self.python else "asked"
        return self.trial.drawn(meaning, self.added).world

    def _with_copies(self, verdict: Verdict) -> Verdict:
        """A call whose function writes to a container that it was given."""
        trial = self.trial
        told = containers_copied(self.python.seen, trial.arguments, trial.options)
        return verdict if told is None or self.demands else told

    def _verdict(self, flax: Side) -> Verdict:
        if isinstance(self.python.raised, plain.Unsupported):
            return Verdict("not judged", str(self.python.raised))
        if cached := because_of_caches(self.python, flax):
            return cached
        if kept := because_of_leaks(self.trial, self.python, flax):
            return kept
        if gone := flax.deleted:
            text = f"it deletes the array of {listed(paths_at(gone))}, which it is not to donate"
            return self._missing(gone, ("an array", "nothing"), text)
        if flax.raised is not None:
            return self._refusal(flax, flax.raised)
        if self.python.raised is not None:
            return self._python_fails(flax, self.python.raised)
        found = differences(self.python.world, flax.world)
        ignored = ignores(self.python, self._in_this_mode(), flax) if self.demands else []
        if not found and not ignored:
            return self._same(flax)
        if not ignored and self._as_documented(flax, found):
            return self._deviation(flax, found)
        numbers = any(d.aspect == "value" for d in found)
        wide = self.noise.widened() if numbers else self.python.world
        left = {(d.path, d.aspect) for d in differences(wide, flax.world)}
        sure = [d for d in found if (d.path, d.aspect) in left and not self._is_unsure(d, flax)]
        sure += ignored
        return self._deviation(flax, sure) if sure else self._rounded(flax, found)

    def _in_this_mode(self) -> Side:
        """The run of what the mode documents."""
        if self._meant is None:
            self._meant = self.trial.plain("asked", self.added)
            self._raise_own_fault(self._meant)
        return self._meant

    def _raise_own_fault(self, side: Side) -> None:
        """Raise what a plain run raises if it is a mistake of ours.

        A program that is wrong fails in Flax as well: alike, or, if it is a user's, in any way.
        """
        error, flax = side.raised, self._flax.raised if self._flax else None
        is_ours = flax is None or (self.demands and type(flax) is not type(error))
        if error is not None and is_ours and is_own_fault(error):
            raise error

    def _as_documented(self, flax: Side, found: list[Difference]) -> bool:
        """Whether the mode's own meaning leaves just what Flax does, where Python's leaves more:
        then no rounding has to explain it.
        """
        meant = self._in_this_mode()
        return meant.raised is None and not of_these(found, differences(meant.world, flax.world))

    def _is_unsure(self, d: Difference, flax: Side) -> bool:
        """Whether it is of integers that depend on rounding, and on no clock."""
        if self.demands or not self.noise.decides(d, flax.world):
            return False
        return not of_these([d], differences(self.python.world, self._repeated.world))

    def _rounded(self, flax: Side, found: list[Difference]) -> Verdict:
        """The verdict where rounding explains all that differs: the same, unless it is off by so
        much that an update may be lost.
        """
        python, got = self.python.world, flax.world
        hiding = [d for d in found if not is_small(d, python, got, self.before)]
        left = list(undecided(self.before, python, got))
        paths = paths_of(hiding) + paths_at(left)
        if not paths:
            return Verdict("same", tolerance="from runs that are off by one rounding")
        if hiding and not left and not self._steady(hiding, flax):
            return unsteady(hiding)
        text = (
            f"{listed(paths)} depends on rounding: inputs off by one rounding change it, too; "
            "all else is the same"
        )
        return Verdict("inconclusive", text, paths, way_out=_in_float64())

    def _python_fails(self, flax: Side, error: BaseException) -> Verdict:
        """Python raises where Flax returns: as the mode documents, or not to be judged."""
        told = f"the plain run raises {short(error)}"
        meant = self._in_this_mode()
        if any(due(meant.raised) and due(error) for due in (is_inconsistent, sizes_differ)):
            return self._taken(error)
        if meant.raised is not None:
            lines = tuple(traceback.format_tb(error.__traceback__)[-3:])
            if are_alike(meant.raised, error) and is_users_own(error) and self._is_traced_alike():
                return self._if_it_asks([], flax, self._swallowed(error, lines))
            unjudged = Verdict("not judged", told, lines=lines)
            return because_of_sharing(unjudged, self.trial, self.mode)
        found = differences(meant.world, flax.world)
        return (
            self._different(found, meant, flax)
            if found
            else Verdict("deviates", told, record="new-nodes")
        )

    def _is_traced_alike(self) -> bool:
        """Whether the function returns if it is traced anew, too: not for its age alone."""
        anew = self.trial.afresh(self.added)
        return anew is None or anew.raised is None

    def _swallowed(self, error: BaseException, lines: tuple[str, ...]) -> Verdict:
        """It returns where the program's own `raise` is met, whatever the numbers are."""
        text = f"it returns, and the function raises {short(error)}"
        return self._returned(f"{type(error).__name__} is raised", text, lines)

    def _taken(self, error: BaseException) -> Verdict:
        """It takes a call for which there is a documented reason to refuse it, and no meaning."""
        paths = self.python.seen.paths("inconsistent-axes")
        given = self.trial.arguments, self.trial.options
        objects = listed(tuple(named(path, *given) for path in paths)) or "two arguments"
        told = short(error)
        if is_inconsistent(error):
            told = f"{objects} are one object, for which the options ask two things"
            if twice := self._why_two(set(paths)):
                return Verdict("not judged", f"{told}; {twice}, so that Flax has two of it")
            told += " (documented: inconsistent-aliasing)"
        told = f"it returns, and a refusal is due: {told}"
        return self._returned("a refusal", told, tuple(str(error).splitlines()))

    def _why_two(self, paths: set[str]) -> str:
        """Why the function around has two of the object at these paths; "" if it has one."""
        found = self.python.seen.paths
        if paths <= set(found("inconsistent-reached")):
            return "the function around is given it, and reaches it by closure"
        twice = self.mode == "tree" and paths <= set(found("inconsistent-given"))
        return "the function around is given it twice" if twice else ""

    def _returned(self, wanted: str, text: str, lines: tuple[str, ...] = ()) -> Verdict:
        return self._missing((("result",),), (wanted, "no exception"), text, lines)

    def _missing(
        self, places: tuple[TreePath, ...], texts: tuple[str, str], text: str, lines: Any = ()
    ) -> Verdict:
        missing = [Difference(path, "container", "missing", *texts) for path in places]
        self.differences, self.wanted = missing, self.python
        return Verdict("different", text, paths_of(missing), lines, aspects=("missing",))

    # --- it returned ------------------------------------------------------------------------

    def _same(self, flax: Side) -> Verdict:
        places = undecided(self.before, self.python.world, flax.world)
        paths = paths_at(places)
        if not paths:
            found, sharp = self.noise.slightly_off(self.before, self.python.world, flax.world)
            return self._deviation(flax, found, sharp) if found else Verdict("same")
        sharp = self.noise.sharp()
        found = differences(sharp, flax.world)
        if found:
            return msgspec.structs.replace(
                self._deviation(flax, found, sharp), tolerance="from a run in float64"
            )
        text = f"the change of {listed(paths)} is within the tolerance"
        return Verdict("inconclusive", text, paths, way_out=_in_float64())

    def _deviation(
        self, flax: Side, found: list[Difference], sharp: World | None = None
    ) -> Verdict:
        """Where it differs from Python: as the mode documents, or not; `sharp` has the tolerances
        that showed it, if they are not those of the table.
        """
        meant = self._in_this_mode()
        if meant.raised is not None:
            return self._different(found, self.python, flax)
        wanted = meant.world if sharp is None else like(meant.world, sharp)
        rest = of_these(found, differences(wanted, flax.world))
        if rest:
            others, rest, found = rest, self._steady(rest, flax), self._steady(found, flax)
            if not found:
                return unsteady(others)
        if rest:
            different = self._different(rest, meant, flax)
            meant = meant._replace(world=wanted)
            verdict = explained(different, rest, self.trial, self.mode, meant, self.added)
            return self._if_it_asks(rest, flax, different) if verdict == different else verdict
        if sharp is None:
            rest, sharp = self.noise.slightly_off(self.before, meant.world, flax.world)
            if rest:
                return self._different(rest, meant, flax)
        verdict = deviation(
            found, self.mode, self.before, self.python, meant, flax, self.trial.options
        )
        constant = verdict.record == "captured-constant"
        return because_of_capture(verdict, self.trial, meant) if constant else verdict

    def _if_it_asks(self, found: list[Difference], flax: Side, verdict: Verdict) -> Verdict:
        """The verdict on what differs, which is the function's own doing if it asks whether it is
        traced, or for numbers, and does as Flax then.
        """
        for says, numbers in ((ASKS, False), (CATCHES, True)):
            side = self.trial.as_traced(self.added, numbers)
            if side is None or side.raised is not None or differences(side.world, flax.world):
                continue
            moved = {d.path for d in differences(self._in_this_mode().world, side.world)}
            if all(d.path in moved for d in found):
                told = f"{says}: {verdict.told}"
                return msgspec.structs.replace(verdict, told=told, way_out=ALIKE)
        return verdict

    def _different(self, found: list[Difference], want: Side, flax: Side) -> Verdict:
        self.differences, self.wanted = found, want
        found = distinct(found, want.world, flax.world)
        other = {d.path for d in differences(self.python.world, want.world)}
        lines = tuple(
            told(d, want.world, flax.world, documented=d.path in other) for d in found[:LINES]
        )
        aspects = aspects_of(found, want.world, flax.world)
        return Verdict("different", lines[0], paths_of(found), lines, aspects=aspects)

    # --- it raised --------------------------------------------------------------------------

    def _refusal(self, flax: Side, error: BaseException) -> Verdict:
        trial = self.trial
        as_it_is = untransformed(trial.transform, trial.functions)
        undone = trial.transform not in plain.UNTRACED and not as_it_is
        stands = self.trial.between(error) or self.before
        left = damage(stands, self.python, flax) if undone else []
        if left and not self.demands and self._raises_as_python(flax, error):
            return Verdict("same", f"it raises {type(error).__name__}, as Python does")
        if left:
            self.differences = left
            lines = tuple(told(d, stands, flax.world) for d in left[:NAMED])
            how = "missing" if left[0].aspect == "missing" else "changed"
            text = f"it raises {short(error)}, and leaves {name_of(left[0].path)} {how}"
            aspects = aspects_of(left, stands, flax.world)
            return Verdict("different", text, paths_of(left), lines, aspects=aspects)
        refused = Refused(self.trial, self.mode, self.added, self.python, self.demands)
        return refused.verdict(flax, error)

    def _raises_as_python(self, flax: Side, error: BaseException) -> bool:
        """Whether Python raises the same, and leaves the same."""
        left = differences(kept(self.python.world), kept(flax.world))
        return are_alike(self.python.raised, error) and not left
