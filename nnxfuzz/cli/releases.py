"""`nnxfuzz releases`: the environments of other Flax releases."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from nnxfuzz.cli.common import say
from nnxfuzz.programs.progress import Progress

if TYPE_CHECKING:  # importing it would import numpy
    from nnxfuzz.releases.environments import Made


@click.group(
    invoke_without_command=True,
    epilog="""\b
Examples:
  nnxfuzz releases list
  nnxfuzz releases install 0.10.2 '0.12.*'
  nnxfuzz releases clean""",
)
@click.pass_context
def releases(ctx: click.Context) -> int:
    """Handle the environments of other Flax releases.

    They are made when a command first needs them and kept in the user's cache folder.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        return 2
    return 0


@releases.command("list", epilog="Example: nnxfuzz releases list")
def list_() -> None:
    """Show the known releases, and which are installed."""
    from rich.console import Console
    from rich.table import Table

    from nnxfuzz.cli.matrix import rendered
    from nnxfuzz.releases import environments
    from nnxfuzz.releases.table import RELEASES, recipe

    cache = environments.default_cache()
    left = {made.name: made for made in environments.made(cache)}
    grid = Table(box=None, pad_edge=False)
    for heading in ("flax", "jax", "python", "installed"):
        grid.add_column(heading, no_wrap=True)
    grid.add_column("size", justify="right", no_wrap=True)
    for row in RELEASES:
        names = [f"{recipe(row).name}-py{minor}" for minor in row.pythons]
        here = [left.pop(name) for name in names if name in left]
        installed = ", ".join(made.name.rpartition("-py")[2] + _state(made.whole) for made in here)
        size = _size(sum(made.size for made in here)) if here else ""
        grid.add_row(row.flax, row.jax, ", ".join(row.pythons), installed or "no", size)
    for made in left.values():
        grid.add_row("", "", "", made.name + _state(made.whole), _size(made.size))
    say(rendered(grid, Console()))
    say(f"\n{cache}: {_size(environments.size_of(cache))}")


@releases.command(epilog="Example: nnxfuzz releases install 0.10.2 '0.12.*'")
@click.argument("words", metavar="FLAX...", nargs=-1, required=True)
@click.option(
    "--jax", metavar="VERSION", help="Another jax (default: one that the release runs with)."
)
def install(words: tuple[str, ...], jax: str | None) -> None:
    """Make environments, for later use without a network.

    FLAX is a release, a range such as '0.12.*', a checkout of flax, or a wheel.
    """
    from nnxfuzz.releases import environments
    from nnxfuzz.releases.elsewhere import prepare
    from nnxfuzz.releases.targets import targets

    for target in targets(words, jax):
        with Progress(f"makes the environment of flax {target.label}"):
            place = prepare(target, environments.default_cache())
        say(f"{target.label:<10} {place.python}")


@releases.command(epilog="Example: nnxfuzz releases clean '0.10.*'")
@click.argument("words", metavar="[FLAX]...", nargs=-1)
def clean(words: tuple[str, ...]) -> None:
    """Remove environments, without a name all of them.

    FLAX is a release, a range such as '0.12.*', or a name that nnxfuzz releases list shows.
    """
    from nnxfuzz.releases import environments

    cache = environments.default_cache()
    made = environments.made(cache)
    chosen = _chosen(words, made) if words else made
    for one in chosen:
        environments.remove(one.name, cache)
    if not words:
        environments.remove_code(cache)
    total = _size(sum(one.size for one in chosen))
    say(f"removed {len(chosen)} of {len(made)} environments, {total}")


def _chosen(words: Sequence[str], made: Sequence["Made"]) -> "list[Made]":
    """Those that a word names; Misuse for a word that can name none."""
    from nnxfuzz.releases.table import releases as matching

    starts = [
        start
        for word in words
        for start in (
            [word]
            if any(one.name == word for one in made)
            else [f"flax-{row.flax}-jax-" for row in matching(word)]
        )
    ]
    return [one for one in made if one.name.startswith(tuple(starts))]


def _state(whole: bool) -> str:
    return "" if whole else " (half)"


def _size(size: int) -> str:
    return f"{size / 2**20:,.0f} MB"
