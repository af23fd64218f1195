"""A campaign as the page shows it: what was found when, where the time went, what was reached."""

from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

from nnxfuzz.campaign.state import State, age, running, states
from nnxfuzz.campaign.statistics import pair_name
from nnxfuzz.campaign.summary import coverage, summary
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.case.coverage import EXERCISABLE

#: Where the drawing of a curve begins and ends, in pixels.
LEFT, TOP, RIGHT, BOTTOM = 46.0, 12.0, 540.0, 220.0

#: How a campaign ended.
ENDED = {"budget": "finished"}

#: The width of a whole bar.
BAR = 260.0

#: How many shades a heat map has.
SHADES = 5


class Tick(Data, frozen=True):
    """A mark on an axis."""

    at: float
    text: str


class Curve(Data, frozen=True):
    """Distinct signatures over programs, as the points of a stepped line."""

    points: str
    across: tuple[Tick, ...]
    upwards: tuple[Tick, ...]
    told: str
    right: float = RIGHT
    width: float = RIGHT + 20


class Stage(Data, frozen=True):
    """Seconds of a stage, their share, and the width of a bar."""

    name: str
    seconds: float
    share: float
    width: float


class Square(Data, frozen=True):
    """Of the pairs of two groups of features: how many some program had, of how many."""

    reached: int
    pairs: int
    shade: int

    @property
    def percent(self) -> int:
        return round(100 * self.reached / self.pairs) if self.pairs else 0


class Campaign(Data, frozen=True):
    """All that a template needs."""

    anchor: str
    state: str
    seed: int
    flax: str
    jax: str
    figures: dict[str, Any]
    found: tuple[tuple[float, int, str], ...]
    curve: Curve
    stages: tuple[Stage, ...]
    groups: tuple[str, ...]
    heat: tuple[tuple[Square, ...], ...]
    features: tuple[tuple[str, list[int]], ...]


def campaigns(folder: Path) -> list[Campaign]:
    """The campaigns of a folder, the latest first; none if it is no folder of finds."""
    return [_campaign(k, path, state) for k, (path, state) in enumerate(states(folder), 1)]


def _campaign(number: int, path: Path, state: State) -> Campaign:
    told = summary(state)
    found = sorted((one.seconds, one.programs, str(one.signature)) for one in state.found)
    groups = tuple(dict.fromkeys(map(_group, EXERCISABLE)))
    ended = "killed" if state.ended is None else ENDED.get(state.ended, state.ended)
    return Campaign(
        anchor=f"campaign-{number}",
        state="running" if running(path) else f"{ended} {span(age(path))} ago",
        seed=state.settings.seed,
        flax=state.flax,
        jax=state.jax,
        figures=told,
        found=tuple(found),
        curve=curve([one[1] for one in found], told["programs"]),
        stages=stages(told["seconds_by_stage"]),
        groups=groups,
        heat=heat(state.counts.pairs, groups),
        features=tuple(coverage(state)["features"].items()),
    )


def span(seconds: float) -> str:
    """Seconds for people: `45 s`, `12 min`, `3 h 5 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


# --- the discovery curve --------------------------------------------------------------------


def curve(found: Iterable[int], programs: int) -> Curve:
    """A step for each finding, at the number of programs that had been run."""
    steps = sorted(found)
    last, top = max([programs, 1, *steps]), max(len(steps), 1)

    def x(number: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * number / last, 1)

    def y(number: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * number / top, 1)

    points = [(x(0), y(0))]
    for k, at in enumerate(steps):
        points += [(x(at), y(k)), (x(at), y(k + 1))]
    points.append((x(last), y(len(steps))))
    half = len(steps) and steps[(len(steps) - 1) // 2]
    told = f"{len(steps)} distinct signatures in {programs} programs"
    if steps:
        told += f"; half of them by program {half}, the last at program {steps[-1]}"
    return Curve(
        " ".join(f"{a},{b}" for a, b in points),
        tuple(Tick(x(n), f"{n:,}") for n in _round_steps(last)),
        tuple(Tick(y(n), f"{n:,}") for n in _round_steps(top)),
        told,
    )


def _round_steps(last: int) -> list[int]:
    """Up to six round numbers from 0 to `last`."""
    step = next(f * 10**k for k in count() for f in (1, 2, 5) if last <= 5 * f * 10**k)
    return list(range(0, last + 1, step))


# --- time and pairs -------------------------------------------------------------------------


def stages(seconds: dict[str, float]) -> tuple[Stage, ...]:
    """Where the workers' time went, the most first."""
    total = sum(seconds.values()) or 1.0
    ordered = sorted(seconds.items(), key=lambda item: -item[1])
    return tuple(Stage(n, s, s / total, round(BAR * s / total, 1)) for n, s in ordered)


def heat(pairs: dict[str, int], groups: tuple[str, ...]) -> tuple[tuple[Square, ...], ...]:
    """For each group of features and each up to it: the pairs that some program had."""
    members = {group: [n for n in EXERCISABLE if _group(n) == group] for group in groups}
    return tuple(
        tuple(_square(pairs, members[one], members[other]) for other in groups[: row + 1])
        for row, one in enumerate(groups)
    )


def _square(pairs: dict[str, int], ones: list[str], others: list[str]) -> Square:
    names = {pair_name(one, other) for one in ones for other in others if one != other}
    reached = len(names & pairs.keys())
    shade = -(-reached * (SHADES - 1) // len(names)) if names else 0
    return Square(reached, len(names), shade)


def _group(feature: str) -> str:
    """What stands before the colon of a feature's name."""
    return feature.partition(":")[0]
