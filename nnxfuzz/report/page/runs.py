"""What an entry leaves behind, expected and got, as far as the installed Flax can tell.

An entry records only what differed.  To draw whole worlds the Python loop and the arm are run
again; where that is not possible, or shows something else now, the page says so and marks what was
recorded.
"""

from nnxfuzz import nnx_api
from nnxfuzz.corpus.entries import Entry
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.reference import Expected
from nnxfuzz.oracle.verdict import Difference, Finding, World
from nnxfuzz.programs.case import Data
from nnxfuzz.runners import Observed, confirming, observe
from nnxfuzz.runners.arms import outcome_text
from nnxfuzz.runners.judge import Oracle, kept


class Worlds(Data, frozen=True):
    """The worlds after the loop, what differs between them, and where they are from.

    None where there is none to draw: `expected` if the case could not be run at all, `got` if the
    installed Flax does not show the bug or what came was an exception alone.  `wanted` says what
    `expected` is.
    """

    expected: World | None
    got: World | None
    differences: tuple[Difference, ...]
    source: str
    wanted: str = "plain Python"


def worlds(entry: Entry, run: bool = True) -> Worlds:
    """The worlds of an entry; without `run` none, and what was recorded."""
    reason = _not_run(entry, run)
    if reason is not None:
        return Worlds(None, None, entry.evidence.differences, f"{reason}; {_recorded(entry)}")
    oracle = Oracle(entry.case)
    try:
        expected = oracle.expected(entry.arm, entry.arm.mode)
        return _run(entry, oracle, expected)
    except Inconclusive as error:
        source = f"Not drawn ({error}); {_recorded(entry)}"
        return Worlds(None, None, entry.evidence.differences, source)


def _not_run(entry: Entry, run: bool) -> str | None:
    """Why the entry is not run, if it is not."""
    if not run:
        return "Not run for this page"
    if entry.signature.kind in ("crash", "hang"):
        return "Not run for this page, since it ends its process"
    reason = nnx_api.inapplicable(entry.case, entry.arm)
    return None if reason is None else f"The installed {_here()} cannot run it ({reason})"


def _run(entry: Entry, oracle: Oracle, expected: Expected) -> Worlds:
    """The worlds of the first executor that shows the recorded bug."""
    seen = ""
    for executor in ("trace", *confirming(entry.case)):
        observed = observe(entry.case, entry.arm, executor)
        verdict = oracle.verdict(entry.arm, observed)
        if isinstance(verdict, Finding) and verdict.signature == entry.signature:
            return _shown(entry, verdict, expected, observed)
        seen = outcome_text(verdict)
    source = f"The installed {_here()} does not show it (there: {seen}); {_recorded(entry)}"
    return Worlds(_counted(entry, expected.after), None, entry.evidence.differences, source)


def _shown(entry: Entry, finding: Finding, expected: Expected, observed: Observed) -> Worlds:
    source = f"Run for this page on {_here()}"
    if finding.failure is None:
        return Worlds(_counted(entry, expected.after), observed.world, finding.differences, source)
    if finding.differences:  # the damage that a refusal has left
        before, got = kept(expected.before), kept(observed.world)
        return Worlds(before, got, finding.differences, source, "all as it was")
    return Worlds(_counted(entry, expected.after), None, (), source)


def _counted(entry: Entry, world: World | None) -> World | None:
    """The world without the counter, where the transform hands none back."""
    if world is None or entry.arm.counts:
        return world
    return {path: held for path, held in world.items() if path[0] != "counter"}


def _here() -> str:
    return f"flax {nnx_api.FLAX}, jax {nnx_api.JAX}"


def _recorded(entry: Entry) -> str:
    found = entry.found_with
    return f"what differs is as recorded with flax {found.flax}, jax {found.jax}"
