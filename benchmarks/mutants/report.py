"""What came of all mutants: a score, tables, and the survivors with what is thought of them."""

import datetime
import statistics
import tomllib
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from mutants.parent import Plan, Result
from mutants.theirs import Theirs
from nnxfuzz import nnx_api
from nnxfuzz.programs.case import Data

TRIAGE = Path(__file__).with_name("triage.toml")
_BEGIN, _END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"

#: Measured elsewhere, on flax 0.12.8: what Flax's own 153 loop tests kill of 140 such mutants.
ANCHOR = (108, 140)


class Opinion(Data, frozen=True):
    """Why a mutant survives; `needs` is what a program would have to do, where one could."""

    id: str
    kind: Literal["equivalent", "out of scope", "missed"]
    why: str
    needs: str = ""


class Summary(Data, frozen=True):
    """All of it, as data."""

    date: str
    flax: str
    jax: str
    seed: int
    budget: int
    results: tuple[Result, ...]
    opinions: tuple[Opinion, ...]


class _Document(Data, frozen=True):
    survivor: tuple[Opinion, ...] = ()


def opinions() -> tuple[Opinion, ...]:
    """What was thought of survivors."""
    if not TRIAGE.exists():
        return ()
    return msgspec.convert(tomllib.loads(TRIAGE.read_text()), _Document).survivor


def summary(plan: Plan, results: Sequence[Result]) -> Summary:
    """The results, with the opinions on those that survived."""
    alive = {result.id for result in results if not result.killed}
    kept = tuple(opinion for opinion in opinions() if opinion.id in alive)
    date = datetime.date.today().isoformat()
    numbers = date, nnx_api.FLAX, nnx_api.JAX, plan.seed, plan.programs
    return Summary(*numbers, tuple(results), kept)


def line(result: Result) -> str:
    """One result on the terminal."""
    fate = f"killed ({result.how})" if result.killed else "survived"
    return (
        f"{fate} after {result.programs} programs ({result.reached} reached it), "
        f"{result.seconds:.0f} s: {result.id} {result.signature}"
    )


def publish(summary: Summary, docs: Path) -> None:
    """Write `mutation.json`, and the measured part of `mutation.md`."""
    (docs / "mutation.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(summary), indent=1) + b"\n"
    )
    page = docs / "mutation.md"
    before, _, rest = page.read_text().partition(_BEGIN)
    after = rest.partition(_END)[2]
    page.write_text(f"{before}{_BEGIN}{markdown(summary)}{_END}{after}")


def beside(results: Sequence[Result], theirs: Sequence[Theirs]) -> str:
    """How the fuzzer and Flax's tests did on the mutants that both were tried with; nothing where
    there are none.
    """
    ours = {result.id: result.killed for result in results}
    pairs = [(ours[one.id], one.killed) for one in theirs if one.id in ours]
    if not pairs:
        return ""
    fates = {"both": (True, True), "nnxfuzz alone": (True, False), "Flax's alone": (False, True)}
    counted = ", ".join(f"{told} {pairs.count(fate)}" for told, fate in fates.items())
    return (
        f"Of {len(pairs)} mutants, nnxfuzz kills {sum(own for own, _ in pairs)} and Flax's tests "
        f"{sum(other for _, other in pairs)}: {counted}, none {pairs.count((False, False))}."
    )


# --- tables -------------------------------------------------------------------------------------


def markdown(summary: Summary) -> str:
    """The measured part of the page."""
    results = summary.results
    return "\n".join(
        [
            f"{summary.date}, flax {summary.flax}, jax {summary.jax}, seed {summary.seed}, "
            f"{summary.budget} programs a mutant:",
            "",
            *_score(summary),
            "",
            *_table("file", results, lambda result: result.file),
            *_table("operator", results, lambda result: result.operator),
            *_table("function", results, lambda result: f"{result.file} {result.function}"),
            *_ways(results),
            *_survivors(summary),
            "",
        ]
    )


def _score(summary: Summary) -> list[str]:
    results = summary.results
    killed = sum(result.killed for result in results)
    equivalent = sum(opinion.kind == "equivalent" for opinion in summary.opinions)
    theirs, total = ANCHOR
    return [
        "| | killed | of | share | equivalent ones taken out |",
        "| --- | --- | --- | --- | --- |",
        f"| nnxfuzz | {killed} | {len(results)} | {_share(killed, len(results))} "
        f"| {_share(killed, len(results) - equivalent)} |",
        f"| Flax's own 153 loop tests (another sample) | {theirs} | {total} "
        f"| {_share(theirs, total)} | 84% |",
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def _table(name: str, results: Sequence[Result], key: Callable[[Result], str]) -> list[str]:
    """Killed and survived, and programs to the kill, by something."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[key(result)].append(result)
    rows = [
        f"| {group} | {sum(r.killed for r in members)} | {sum(not r.killed for r in members)} "
        f"| {_quartiles(members)} |"
        for group, members in sorted(groups.items())
    ]
    head = f"| {name} | killed | survived | programs to the kill: quartiles |"
    return [head, "| --- | --- | --- | --- |", *rows, ""]


def _quartiles(results: Sequence[Result]) -> str:
    """Of the kills for which programs were needed."""
    counts = sorted(result.programs for result in results if result.killed and result.programs)
    if len(counts) < 2:
        return ", ".join(map(str, counts))
    return ", ".join(
        f"{quartile:g}" for quartile in statistics.quantiles(counts, method="inclusive")
    )


def _ways(results: Sequence[Result]) -> list[str]:
    counts: dict[str, int] = defaultdict(int)
    for result in results:
        counts[result.how] += 1
    told = ", ".join(f"{how} {count}" for how, count in sorted(counts.items()))
    all_of_them = f"Programs to the kill, quartiles of all: {_quartiles(results)}."
    return [f"How they ended: {told}. {all_of_them}", ""]


def _survivors(summary: Summary) -> list[str]:
    by_id = {opinion.id: opinion for opinion in summary.opinions}
    rows = ["| survivor | reached by | | why, and what a program would have to do |"]
    rows.append("| --- | --- | --- | --- |")
    for result in summary.results:
        if not result.killed:
            opinion = by_id.get(result.id)
            kind, why = (opinion.kind, opinion.why) if opinion else ("to be looked at", "")
            needs = f" Needs: {opinion.needs}" if opinion and opinion.needs else ""
            rows.append(
                f"| {result.file}: {result.told} | {result.reached} | {kind} | {why}{needs} |"
            )
    return rows
