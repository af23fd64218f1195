"""The verdict on one call: Flax's world against Python's, and against what the mode documents."""

from collections.abc import Callable, Mapping
from typing import Any

from nnxfuzz import plain
from nnxfuzz.case import Path
from nnxfuzz.checker.reasons import Evidence, explanation
from nnxfuzz.checker.trial import Side, Trial
from nnxfuzz.checker.verdicts import Mode, Verdict
from nnxfuzz.checker.worlds import differences, name_of, told, undecided
from nnxfuzz.contract.deviations import DEVIATIONS
from nnxfuzz.judge import kept
from nnxfuzz.verdict import REFUSALS, Difference, World

#: How many places a sentence names.
_NAMED = 3

Options = Mapping[str, Any]


def verdict_on(trial: Trial, flax: Side, mode: Mode, added: Options) -> Verdict:
    """The verdict on a run by Flax in `mode`, to which the options `added` lead."""
    return Judge(trial, mode, added).verdict(flax)


class Judge:
    """The verdict on one call in one mode."""

    def __init__(self, trial: Trial, mode: Mode, added: Options) -> None:
        self.trial = trial
        self.mode = mode
        self.added = added
        self.python = trial.plain("python", added)
        self._before: World | None = None

    @property
    def before(self) -> World:
        """What the caller held before the call."""
        if self._before is None:
            self._before = self.trial.before()
        return self._before

    def verdict(self, flax: Side) -> Verdict:
        """The verdict on what Flax made of the call."""
        if isinstance(self.python.raised, plain.Unsupported):
            return Verdict("not judged", str(self.python.raised))
        if flax.raised is not None:
            return self._refusal(flax, flax.raised)
        if self.python.raised is not None:
            return Verdict("not judged", f"the plain run raises {_short(self.python.raised)}")
        found = differences(self.python.world, flax.world)
        if not found:
            return self._same(flax)
        return self._deviation(flax, found)

    # --- it returned ------------------------------------------------------------------------

    def _same(self, flax: Side) -> Verdict:
        paths = tuple(
            name_of(path) for path in undecided(self.before, self.python.world, flax.world)
        )
        if paths:
            text = f"the change of {_listed(paths)} is within the tolerance"
            return Verdict("inconclusive", text, paths)
        return Verdict("same")

    def _deviation(self, flax: Side, found: list[Difference]) -> Verdict:
        """Where it differs from Python: as the mode documents, or not."""
        meant = self.trial.plain("asked", self.added)
        if meant.raised is not None:
            return _different(found)
        off = {d.path for d in found}
        rest = [d for d in differences(meant.world, flax.world) if d.path in off]
        if rest:
            return _different(rest)
        return _documented(found, self.mode)

    # --- it raised --------------------------------------------------------------------------

    def _refusal(self, flax: Side, error: BaseException) -> Verdict:
        damage = differences(self.before, kept(flax.world))
        if damage:
            lines = tuple(told(d) for d in damage[:_NAMED])
            text = f"it raises {_short(error)}, and leaves {name_of(damage[0].path)} changed"
            return Verdict("different", text, _paths(damage), lines)
        python = self.python.raised
        if type(python) is type(error):
            return Verdict("same", f"it raises {type(error).__name__}, as Python does")
        reason = explanation(self._evidence(error), self.mode)
        if reason is not None:
            lines = (_short(error),)
            return Verdict("refused", reason.told, reason.paths, lines, reason.id, reason.way_out)
        if python is not None:
            text = f"it raises {_short(error)}; in plain Python it raises {_short(python)}"
            return Verdict("refused", text, record="fails-in-python")
        unexplained = type(error).__name__ in REFUSALS
        kind: Any = "unexplained refusal" if unexplained else "internal error"
        return Verdict(kind, _short(error), lines=tuple(str(error).splitlines()))

    def _evidence(self, error: BaseException) -> Evidence:
        python = self.python
        ran = python.raised is None
        return Evidence(
            self.trial.first,
            self.before,
            python.walked if ran else None,
            python.world if ran else {},
            self.trial.call.functions,
            self.trial.call.options,
            error,
            python.seen,
            tuple(self.trial.call.data),
        )


def _different(found: list[Difference]) -> Verdict:
    lines = tuple(told(d) for d in found[:10])
    return Verdict("different", lines[0], _paths(found), lines)


def _documented(found: list[Difference], mode: Mode) -> Verdict:
    """What a mode does not do as Python does, as it documents."""
    new = {d.path for d in found if d.role == "node" and d.aspect == "identity"}
    lost = [d for d in found if d.path not in new and not (d.aspect == "extra" and _below(d, new))]
    if not lost:
        return Verdict("same", "the result is a new object that holds the same Variables")
    text = "; ".join(filter(None, (part(lost) for part in _PARTS)))
    return Verdict("deviates", text, _paths(lost), tuple(told(d) for d in lost[:10]), _record(mode))


def _below(d: Difference, nodes: set[Path]) -> bool:
    """Whether it is about what a new node holds."""
    return any(d.path[:end] in nodes for end in range(1, len(d.path)))


def _record(mode: Mode) -> str:
    known = {record.id for record in DEVIATIONS}
    name = "broadcast-dropped" if mode == "graph" else "new-nodes"
    assert name in known
    return name


def _part(aspects: tuple[str, ...], text: str) -> Callable[[list[Difference]], str]:
    def part(found: list[Difference]) -> str:
        paths = _paths([d for d in found if d.aspect in aspects])
        return text.format(_listed(paths)) if paths else ""

    return part


_PARTS = (
    _part(("value",), "drops the update of {}"),
    _part(("missing",), "drops the new {}"),
    _part(("extra",), "keeps {}, which Python deletes"),
    _part(("kind", "static", "metadata", "dtype", "shape"), "drops the change of {}"),
    _part(("identity",), "holds other objects at {}"),
)


def _paths(found: list[Difference]) -> tuple[str, ...]:
    """The places of differences, each once; an object that is held elsewhere is named once."""
    return tuple(dict.fromkeys(name_of(d.path) for d in found))


def _listed(paths: tuple[str, ...]) -> str:
    named = ", ".join(f"`{path}`" for path in paths[:_NAMED])
    more = len(paths) - _NAMED
    return f"{named} and {more} more" if more > 0 else named


def _short(error: BaseException) -> str:
    first = next(iter(str(error).strip().splitlines()), "")
    text = f"{type(error).__name__}: {first}" if first else type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."
