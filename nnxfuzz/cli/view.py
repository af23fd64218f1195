"""A campaign's figures on a screen: one line, a table that is redrawn, the last word, coverage.

All are functions of the figures that the events and the state carry (`campaign.summary`).
"""

from typing import Any

from rich.table import Table

from nnxfuzz.cli.common import count_line

Figures = dict[str, Any]

#: Units of time with their seconds, and the smaller unit that is told beside each.
_SPANS = (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1))

#: Pairs of features that are listed by name; of the others only the number is told.
_LISTED = 20


#: What a campaign does before its first program.
STARTING = "no program yet: each worker imports jax and flax, and traces its first ones"


def line(figures: Figures) -> str:
    """One line: programs, arms, rate, outcomes."""
    running = figures["running"]
    if not figures["programs"] + running["programs"]:
        return f"{span(figures['seconds'])}  {STARTING}"
    open_arms = f"  {running['arms']} in open batches" if running["arms"] else ""
    ran = (
        f"{span(figures['seconds'])}  {figures['programs'] + running['programs']} programs  "
        f"{figures['arms'] + running['arms']} arms ({figures['arms_per_second']:.0f}/s)  "
    )
    if not figures["arms"]:
        return f"{ran}what they came to is counted by the batch, and none is done yet"
    return (
        f"{ran}"
        f"{figures['agreed']} agree  {sum(figures['refused'].values())} refused for a reason  "
        f"{sum(figures['inconclusive'].values())} inconclusive  "
        f"{sum(figures['known'].values())} known{open_arms}  {len(figures['found'])} new signatures"
    )


def table(figures: Figures) -> Table:
    """Everything that changes while a campaign runs."""
    shown = Table.grid(padding=(0, 2))
    shown.add_column(style="bold")
    shown.add_column(overflow="fold")
    for name, text in rows(figures):
        shown.add_row(name, text)
    return shown


def rows(figures: Figures) -> list[tuple[str, str]]:
    """The table's rows as names and texts."""
    running = figures["running"]
    arms = figures["arms"] + running["arms"]
    return [
        ("time", _time(figures)),
        (
            "programs",
            f"{figures['programs'] + running['programs']}, {_rate(figures, 'programs')}; "
            f"{arms} arms, {_rate(figures, 'arms')}"
            if arms or figures["programs"]
            else STARTING,
        ),
        (
            "outcomes",
            f"{figures['agreed']} accepted, {sum(figures['refused'].values())} refused for a "
            f"reason, {sum(figures['known'].values())} known",
        ),
        ("inconclusive", _inconclusive(figures)),
        ("findings", _findings(figures)),
        (
            "features",
            _features(figures),
        ),
        ("spent on", shares(figures)),
        (
            "workers",
            f"{figures['workers']}, {figures['restarts']} restarts, {figures['batches']} batches, "
            f"run {figures['runs']}",
        ),
    ]


def _inconclusive(figures: Figures) -> str:
    """How many arms allowed no comparison, and why."""
    causes: dict[str, int] = figures["inconclusive"]
    share = sum(causes.values()) / max(figures["arms"], 1)
    told = "".join(f"; {causes[c]}: {c}" for c in sorted(causes, key=lambda c: (-causes[c], c)))
    return f"{sum(causes.values())} of the arms, {share:.1%}{told}"


def _time(figures: Figures) -> str:
    left = figures.get("left", {})
    parts = [span(figures["seconds"])]
    if left.get("seconds") is not None:
        parts.append(f"{span(left['seconds'])} left")
    if left.get("programs") is not None:
        parts.append(f"{left['programs']} programs left")
    return ", ".join(parts)


def _rate(figures: Figures, what: str) -> str:
    mean, now = figures[f"{what}_per_second"], figures[f"{what}_per_second_now"]
    return f"{now:.1f}/s now, {mean:.1f}/s mean"


def _findings(figures: Figures) -> str:
    since = figures["seconds_since_new"]
    last = "none yet" if since is None else f"the last {span(since)} ago"
    return f"{figures['findings']} distinct signatures, {last}"


def span(seconds: float) -> str:
    """`45s`, `2m05s`, `1h02m`, `3d04h`."""
    whole = int(seconds)
    for unit, size, below, part in _SPANS:
        if whole >= size:
            return f"{whole // size}{unit}{whole % size // part:02d}{below}"
    return f"{whole}s"


def shares(figures: Figures) -> str:
    """How the workers' time is divided."""
    stages = figures["seconds_by_stage"]
    total = sum(stages.values()) or 1.0
    return ", ".join(f"{name} {seconds / total:.0%}" for name, seconds in stages.items())


def discarded(figures: Figures) -> float:
    """The share of draws that Hypothesis gave up."""
    draws = figures["programs"] + figures["discarded"] + figures["skipped"]
    return figures["discarded"] / draws if draws else 0.0


def _features(figures: Figures) -> str:
    """The pairs of features that programs around loops had, if there were any, and the discards."""
    reached = figures["pairs_reached"]
    loops = f"{reached} of {figures['pairs']} pairs reached by loops; " if reached else ""
    return f"{loops}{discarded(figures):.0%} of draws discarded"


def counts(figures: Figures) -> list[str]:
    """The last word: the figures that the one line leaves out, empty ones left out here too."""
    lines = [
        f"{name}: {count_line(figures[name].items())}"
        for name in ("refused", "inconclusive", "warnings")
        if figures[name]
    ]
    lines.append(f"time: {shares(figures)}")
    lines.append(f"features: {_features(figures)}")
    if figures["unconfirmed"]:
        lines.append(f"shown under exploration but not by XLA: {figures['unconfirmed']}")
    if figures["faults"]:
        lines.append(
            f"nnxfuzz itself failed: {count_line(figures['faults'].items())}; "
            f"arms that came to nothing: {figures['failed']}"
        )
    if figures["restarts"]:
        lines.append(f"workers lost and replaced: {figures['restarts']}")
    if figures["skipped"]:
        lines.append(f"left out because they kill their process: {figures['skipped']}")
    return lines


def coverage(figures: Figures) -> Table:
    """Features with their programs."""
    shown = Table(title="programs by feature", title_justify="left")
    shown.add_column("feature", overflow="fold")
    for heading in ("programs", "accepted", "refused"):
        shown.add_column(heading, justify="right")
    for name, numbers in figures["features"].items():
        shown.add_row(name, *map(str, numbers))
    return shown


def nested(figures: Figures) -> Table:
    """Call programs by the transform that is called, and the one around it."""
    shown = Table(title="call programs by what is called inside of what", title_justify="left")
    shown.add_column("around")
    shown.add_column("inside, with the number of programs", overflow="fold")
    for outer, inner in figures["nested"].items():
        shown.add_row(outer, "  ".join(f"{name} {count}" for name, count in inner.items()))
    return shown


def unreached(figures: Figures) -> str:
    """The pairs of features that no program had."""
    pairs = figures["unreached"]
    told = "; ".join(pairs[:_LISTED])
    more = f"; and {len(pairs) - _LISTED} more" if len(pairs) > _LISTED else ""
    return f"pairs never reached: {len(pairs)} of {figures['pairs']}: {told}{more}"
