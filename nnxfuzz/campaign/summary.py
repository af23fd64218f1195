"""A campaign's figures for people and for programs, from its state."""

from typing import Any

from nnxfuzz.campaign.state import State
from nnxfuzz.campaign.statistics import pair_names
from nnxfuzz.programs.case.coverage import EXERCISABLE
from nnxfuzz.runners.kinds import available

#: Seconds over which the present rate is taken.
RECENT = 30.0

#: The pairs of features of programs around loops; `nested` has those of call programs.
_PAIRS = frozenset(pair_names(EXERCISABLE))


def summary(state: State, running: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    """The figures as plain JSON data; `running` are programs and arms of batches not yet done."""
    counts, seconds = state.counts, max(state.seconds, 1e-9)
    programs, arms = counts.programs + running[0], counts.arms + running[1]
    now = _now(state)
    return {
        "seconds": round(state.seconds, 3),
        "programs": counts.programs,
        "arms": counts.arms,
        "running": {"programs": running[0], "arms": running[1]},
        "programs_per_second": round(programs / seconds, 2),
        "arms_per_second": round(arms / seconds, 2),
        "programs_per_second_now": round(now[0], 2),
        "arms_per_second_now": round(now[1], 2),
        "agreed": counts.agreed,
        "refused": counts.refused,
        "inconclusive": counts.inconclusive,
        "warnings": counts.warnings,
        "unconfirmed": counts.unconfirmed,
        "failed": counts.failed,
        "faults": counts.faults,
        "known": counts.known,
        "found": counts.found,
        "discarded": counts.discarded,
        "skipped": counts.skipped,
        "findings": len(state.found),
        "seconds_since_new": None if state.last_new is None else state.seconds - state.last_new,
        "seconds_by_stage": {name: round(spent, 3) for name, spent in counts.seconds.items()},
        "pairs_reached": len(counts.pairs.keys() & _PAIRS),
        "pairs": len(_PAIRS),
        "batches": state.done,
        "workers": state.workers,
        "restarts": state.restarts,
        "runs": state.runs,
    }


def coverage(state: State) -> dict[str, Any]:
    """Programs by feature, the pairs that no program had, and programs by the transforms of which
    one is called in the other (`nested`, by the one around).

    The three figures of a feature: programs with it, those of them that some arm accepted, those
    that some arm refused.
    """
    counts, there = state.counts, available()
    of_calls = sorted(name for name in counts.features if name.startswith("call"))
    return {
        "features": {
            name: [table.get(name, 0) for table in tables]
            for tables in [(counts.features, counts.accepted_with, counts.refused_with)]
            for name in (*EXERCISABLE, *of_calls)
        },
        "nested": {
            outer: {inner: counts.features.get(f"{inner} in {outer}", 0) for inner in there}
            for outer in there
        },
        "unreached": sorted(_PAIRS - counts.pairs.keys()),
    }


def sample(state: State, running: tuple[int, int]) -> None:
    """Note where the campaign stands, for the present rate."""
    counts = state.counts
    since = state.seconds - RECENT
    kept = [each for each in state.recent if each[0] >= since]
    now = (state.seconds, counts.programs + running[0], counts.arms + running[1])
    state.recent = [*kept, now]


def _now(state: State) -> tuple[float, float]:
    """Programs and arms a second over the samples."""
    if len(state.recent) < 2:
        return 0.0, 0.0
    (began, *before), (ended, *after) = state.recent[0], state.recent[-1]
    seconds = max(ended - began, 1e-9)
    programs, arms = (max(0, b - a) / seconds for a, b in zip(before, after, strict=True))
    return programs, arms
