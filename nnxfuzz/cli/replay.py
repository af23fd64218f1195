"""`nnxfuzz replay`: corpus entries against the installed Flax, or against others."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnxfuzz.cli.common import count_line, say, several_flax
from nnxfuzz.cli.installed import require_flax
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.progress import Progress

if TYPE_CHECKING:  # importing them would import numpy
    from nnxfuzz.corpus.entries import Sighting
    from nnxfuzz.corpus.outcomes import Outcome, Replayed

_COLOURS = {
    "still fails": "yellow",
    "fixed": "green",
    "passes": "green",
    "not applicable": "cyan",
}


@click.command(
    epilog="""\b
Examples:
  nnxfuzz replay
  nnxfuzz replay corpus finds/some-entry.json
  nnxfuzz replay finds --json | jq -r 'select(.outcome == "fixed").path'
  nnxfuzz replay --flax 0.10.2 --flax '0.12.*' --flax ../flax
  nnxfuzz replay finds --flax '*' --update"""
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@several_flax("may be repeated")
@click.option(
    "--jax", metavar="VERSION", help="Another jax there (default: one that the release runs with)."
)
@click.option("--strict", is_flag=True, help="A recorded bug that is still there fails, too.")
@click.option("--update", is_flag=True, help="Write what was seen into the entries' ranges.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Write one JSON object a line (path, outcome, detail; with --flax also flax) and "
    "nothing else.",
)
def replay(
    paths: tuple[Path, ...],
    words: tuple[str, ...],
    jax: str | None,
    strict: bool,
    update: bool,
    as_json: bool,
) -> int:
    """Run entries, and say what became of each.

    They run on the installed Flax, or on others.  PATHS are files or folders (default: the folder
    corpus, if it holds entries, or else what nnxfuzz comes with).  Other releases run in
    environments of their own, which are made when they are first needed and kept (see nnxfuzz
    releases).

    \b
    still fails        as recorded for this release
    passes             as recorded for this release
    fixed              recorded as failing here, but it passes: record the release
    fails differently  another bug than the one recorded
    regressed          recorded as good here, but it fails as it once did
    not applicable     this release cannot run it
    unreadable         no entry, or not of a format that this nnxfuzz knows

    Exit code 0 if none is a finding, 1 if one fails differently or has regressed (or, with
    --strict, still fails), 2 if a file cannot be read or a release cannot be had; the others are
    run all the same.
    """
    from nnxfuzz.corpus import entries as corpus
    from nnxfuzz.corpus import shipped

    files = corpus.entries(paths or (shipped.default(),))
    if not files:
        raise Misuse(f"{', '.join(map(str, paths))} holds no entry; name a file or another folder")
    if words:
        from nnxfuzz.cli.across import across

        return across(files, words, jax, update, as_json, strict)
    if jax is not None:
        raise Misuse(f"--jax {jax} goes with --flax; name the flax that is to run with it")
    return _here(files, update, as_json, strict)


def _here(files: Sequence[Path], update: bool, as_json: bool, strict: bool) -> int:
    """All entries on the installed Flax.  What cannot be read is told to people before jax starts,
    and to programs in its turn.
    """
    bad = set() if as_json else _unreadable(files)
    require_flax()
    import msgspec

    from nnxfuzz.corpus import installed
    from nnxfuzz.corpus.outcomes import entries_text

    here = installed.checkout()
    if update and here is not None:
        raise Misuse(f"--update records releases, and flax is imported from {here.told()}")
    if not as_json:
        say(installed.versions_text())
    outcomes: Counter[Outcome] = Counter({"unreadable": len(bad)} if bad else {})
    with Progress("") as progress:
        for number, file in enumerate(files, 1):
            if file in bad:
                continue
            progress.at(f"runs entry {number} of {len(files)}: {file}")
            result = _replayed(file)
            outcomes[result.outcome] += 1
            say(msgspec.json.encode(result).decode() if as_json else _lines(result))
            if update:
                record(file, {installed.RELEASE: result.outcome}, as_json)
    if not as_json:
        say(entries_text(len(files)) + (": " if files else "") + count_line(outcomes.items()))
    return exit_code(outcomes, strict)


def _unreadable(files: Sequence[Path]) -> set[Path]:
    """The files that are no entries, which is told."""
    from nnxfuzz.corpus import entries as corpus
    from nnxfuzz.corpus.outcomes import Replayed

    bad = set()
    for file in files:
        try:
            corpus.load(file)
        except Misuse as error:
            bad.add(file)
            say(_lines(Replayed(str(file), "unreadable", str(error))))
    return bad


def exit_code(outcomes: Mapping["Outcome", int], strict: bool = False) -> int:
    """That of a replay with these outcomes."""
    from nnxfuzz.corpus.outcomes import BAD, FINDINGS

    if outcomes.get("unreadable"):
        return 2
    return 1 if (FINDINGS | BAD if strict else FINDINGS) & outcomes.keys() else 0


def record(file: Path, seen: Mapping["Sighting", "Outcome"], quiet: bool) -> None:
    """Write the range that was seen into the entry, if its own disagrees."""
    from nnxfuzz.corpus import entries as corpus
    from nnxfuzz.corpus.outcomes import range_text, seen_range

    if "unreadable" in seen.values():
        return
    affected = seen_range(corpus.load(file), seen)
    if corpus.set_range(file, affected) and not quiet:
        say(f"recorded           {file}: {range_text(affected)}")


def _replayed(file: Path) -> "Replayed":
    """What became of the file; what is wrong with it is no reason not to run the others."""
    from nnxfuzz.corpus.outcomes import Replayed
    from nnxfuzz.corpus.replay import replay as run

    try:
        return run(file)
    except Misuse as error:
        return Replayed(str(file), "unreadable", str(error))


def _lines(result: "Replayed") -> str:
    """The outcome first, in a column, since paths are long."""
    outcome = click.style(f"{result.outcome:<17}", fg=_COLOURS.get(result.outcome, "red"))
    detail = f"\n{'':<17}  {result.detail}" if result.detail else ""
    return f"{outcome}  {result.path}{detail}"
