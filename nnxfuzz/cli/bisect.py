"""`nnxfuzz bisect`: where the bug of an entry began and where it ended."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnxfuzz.cli.common import say
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.progress import Progress

if TYPE_CHECKING:  # importing them would import numpy
    from nnxfuzz.corpus.outcomes import Replayed
    from nnxfuzz.releases.bisect import Edge, History, Laboratory
    from nnxfuzz.releases.commits import Culprit, GitCheckout
    from nnxfuzz.releases.table import Release


@click.command(
    epilog="""\b
Examples:
  nnxfuzz bisect finds/some-entry.json
  nnxfuzz bisect corpus/some-entry.json --all --dry-run
  nnxfuzz bisect corpus/some-entry.json --repo ../flax
  nnxfuzz bisect finds/some-entry.json --repo ../flax --head"""
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--all", "every", is_flag=True, help="Run every release: finds a bug that went and came back."
)
@click.option(
    "--repo",
    type=click.Path(path_type=Path, file_okay=False),
    help="A git checkout of flax: name the commits too (default: none).",
)
@click.option(
    "--head", is_flag=True, help="Look at the commits of --repo after the last release alone."
)
@click.option("--dry-run", is_flag=True, help="Do not write the range into the entry.")
def bisect(path: Path, every: bool, repo: Path | None, head: bool, dry_run: bool) -> int:
    """Find the releases between which a bug is there.

    The first that shows the bug of an entry, and the first that is good again.  PATH is a file of
    the corpus or of the finds.  Says whether the change was Flax's or jax's by running the older
    Flax with the newer jax, and the other way round.  The range is written into the entry.  With
    --repo and --head it finds the commit after the last release that brings the bug or mends it.

    Exit code 0 if a range or a commit was found, 2 if no release shows the bug, or if HEAD does
    as the last release.
    """
    from nnxfuzz.corpus import entries as corpus
    from nnxfuzz.releases import environments
    from nnxfuzz.releases.bisect import Laboratory
    from nnxfuzz.releases.commits import GitCheckout

    if head and repo is None:
        raise Misuse("--head is that of a checkout; name one with --repo")
    entry = corpus.load(path)
    say(f"{entry.title}\n{entry.signature}\n")
    cache = environments.default_cache()
    checkout = GitCheckout(repo, cache) if repo is not None else None
    with Progress("") as progress:
        laboratory = Laboratory(path, cache, _hear, progress.at)
        if head and checkout is not None:
            _after_release(laboratory, checkout)
        else:
            _between_releases(laboratory, checkout, every, dry_run)
    return 0


def _between_releases(
    laboratory: "Laboratory", checkout: "GitCheckout | None", every: bool, dry_run: bool
) -> None:
    """Tell and record in which releases the bug is, and who made it."""
    from nnxfuzz.corpus import entries as corpus
    from nnxfuzz.corpus import outcomes
    from nnxfuzz.releases.bisect import search, sweep

    path, entry = laboratory.path, corpus.load(laboratory.path)
    history = sweep(laboratory) if every else search(laboratory)
    say(f"\n{len(laboratory.results)} runs")
    for line in _stretches(history):
        say(line)
    for edge in history.edges:
        _explain(laboratory, edge, checkout)
    say(f"\nrange: {outcomes.range_text(history.affected)}")
    if history.affected == entry.affected:
        say("the entry says so already")
    elif dry_run:
        say(f"the entry says: {outcomes.range_text(entry.affected)}; it was left as it is")
    else:
        corpus.set_range(path, history.affected)
        say(f"written into {path}")


def _after_release(laboratory: "Laboratory", checkout: "GitCheckout") -> None:
    """Tell which commit after the last release brought the bug or mended it.

    Raises Misuse if none did.
    """
    from nnxfuzz.releases.commits import since_release

    since = since_release(laboratory, checkout)
    release = f"flax {since.release.flax}"
    say(f"{release}: {_told(since.before)}\nHEAD of {checkout.path}: {_told(since.after)}")
    if since.culprit is None:
        raise Misuse(
            f"{release} and HEAD do not tell the bug from its absence, so no commit is looked for; "
            "leave out --head, or check out another commit"
        )
    first = "bad" if _word(since.after) == "bad" else "good"
    say(f"first {first} commit: {_culprit(since.culprit)}")


def _hear(row: "Release", jax: str, result: "Replayed | Misuse") -> None:
    with_jax = f"jax {jax}" + ("" if jax == row.jax else " (another one)")
    told = f"not run: {result}" if isinstance(result, Misuse) else _word(result)
    say(f"  flax {row.flax:<8} {with_jax:<24} {told}")


def _word(result: "Replayed") -> str:
    """What became of the entry, whatever its record says."""
    from nnxfuzz.corpus.outcomes import BAD, GOOD

    return "bad" if result.outcome in BAD else "good" if result.outcome in GOOD else result.outcome


def _stretches(history: "History") -> list[str]:
    lines = [
        f"bad: {first.flax} (jax {first.jax}) to {last.flax} (jax {last.jax})"
        for first, last in history.stretches
    ]
    if len(lines) > 1:
        lines.append("it went and came back; the range goes from the first to the last")
    return lines


def _explain(laboratory: "Laboratory", edge: "Edge", checkout: "GitCheckout | None") -> None:
    """One change between two releases: which, whose, and by which commit."""
    from nnxfuzz.releases.bisect import blame, cross

    appears = laboratory.is_bad(edge.after)
    say(f"\n{'began' if appears else 'ended'} between {_pair(edge.before)} and {_pair(edge.after)}")
    neighbour = laboratory.run(edge.before if appears else edge.after)
    if _word(neighbour) != "good":
        say(f"  {neighbour.outcome}: {neighbour.detail}")
    say(f"  changed by: {blame(appears, cross(laboratory, edge))}")
    if checkout is not None:
        say(f"  commit: {_commit(laboratory, checkout, edge, appears)}")


def _pair(row: "Release") -> str:
    return f"flax {row.flax} (jax {row.jax})"


def _commit(laboratory: "Laboratory", checkout: "GitCheckout", edge: "Edge", appears: bool) -> str:
    from nnxfuzz.releases.commits import culprit

    try:
        found = culprit(laboratory, checkout, edge, appears)
    except Misuse as error:
        return f"not found: {error}"
    if found is None:
        return "none, with either jax the older code does what the newer does"
    return _culprit(found)


def _culprit(found: "Culprit") -> str:
    skipped = f", or one of the {found.skipped} before it that do not run" if found.skipped else ""
    where = f"{found.tried} commits tried with {found.environment}"
    return f"{found.title} ({where}{skipped})"


def _told(result: "Replayed") -> str:
    word = _word(result)
    return word if word in ("bad", "good") else f"{word}, {result.detail}"
