"""`nnxfuzz replay --flax ...`: entries against several Flaxes, each in its environment."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console

from nnxfuzz.cli.common import count_line, say
from nnxfuzz.cli.matrix import fitted, legend, rendered, table
from nnxfuzz.cli.replay import exit_code, record
from nnxfuzz.corpus.outcomes import GOOD, Replayed, entries_text
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.progress import Progress
from nnxfuzz.releases import environments
from nnxfuzz.releases.elsewhere import prepare
from nnxfuzz.releases.matrix import column
from nnxfuzz.releases.targets import Target, targets

#: What became of each entry on each target, the target by its number.
Cells = dict[tuple[Path, int], Replayed]


def across(
    files: Sequence[Path],
    words: Sequence[str],
    jax: str | None,
    update: bool,
    as_json: bool,
    strict: bool = False,
) -> int:
    """Run the entries there, show a matrix; the exit code."""
    chosen = targets(words, jax)
    if update:
        _check_recordable(chosen, jax)
    cells: Cells = {}
    missing: list[Misuse] = []
    with Progress("") as progress:
        for number, target in enumerate(chosen):
            where = f"flax {target.label}, {number + 1} of {len(chosen)}"
            try:
                for file, result in _results(target, files, where, progress):
                    cells[file, number] = result
                    if as_json:
                        say(_json(target, result))
            except Misuse as error:
                missing.append(error)
    if not as_json:
        _show(files, chosen, cells)
    if update:
        _record(files, chosen, cells, as_json)
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise Misuse(f"{missing[0]}{more}")
    return exit_code(Counter(result.outcome for result in cells.values()), strict)


def _results(
    target: Target, files: Sequence[Path], where: str, progress: Progress
) -> Iterator[tuple[Path, Replayed]]:
    cache = environments.default_cache()
    progress.at(f"{where}: its environment")
    place = prepare(target, cache)
    results = column(target, place, files, cache)
    for number, file in enumerate(files, 1):
        progress.at(f"{where}: runs entry {number} of {len(files)}")
        yield file, next(results)


def _json(target: Target, result: Replayed) -> str:
    return msgspec.json.encode({"flax": target.label} | msgspec.to_builtins(result)).decode()


def _check_recordable(chosen: Sequence[Target], jax: str | None) -> None:
    """Only what anybody can install again is worth a record."""
    if jax is not None:
        raise Misuse(f"--update records releases with their own jax; leave out --jax {jax}")
    for target in chosen:
        if target.release is None:
            raise Misuse(f"--update records releases; leave out --flax {target.label}")


def _record(files: Sequence[Path], chosen: Sequence[Target], cells: Cells, quiet: bool) -> None:
    for file in files:
        seen = {
            target.release: cells[file, number].outcome
            for number, target in enumerate(chosen)
            if target.release is not None and (file, number) in cells
        }
        record(file, seen, quiet)


# --- showing --------------------------------------------------------------------------------


def _show(files: Sequence[Path], chosen: Sequence[Target], cells: Cells) -> None:
    outcomes = {key: result.outcome for key, result in cells.items()}
    if cells:
        grid = table(files, [target.label for target in chosen], outcomes)
        console = Console()
        say(rendered(fitted(grid, console), console))
        say(f"\n{legend(list(outcomes.values()))}\n")
    for (file, number), result in cells.items():
        if _unexpected(result):
            label = chosen[number].label
            say(f"{click.style(result.outcome, fg='red')}  {label}  {file}\n  {result.detail}")
    flaxes = f"{entries_text(len(files))} by {len(chosen)} flax"
    counts = Counter(outcomes.values())
    say(flaxes + (": " if cells else "") + count_line(counts.most_common()))


def _unexpected(result: Replayed) -> bool:
    """Whether the entry's record says otherwise."""
    return result.outcome not in ("still fails", "not applicable", *GOOD - {"fixed"})
