"""`nnxfuzz corpus`: the entries that come with nnxfuzz."""

from pathlib import Path

import click

from nnxfuzz.cli.common import say


@click.command(
    epilog="""\b
Examples:
  nnxfuzz corpus
  nnxfuzz corpus --copy corpus && nnxfuzz show corpus/some-entry.json"""
)
@click.option(
    "--copy",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    help="Copy them into this folder, made if need be (default: list them).",
)
def corpus(target: Path | None) -> None:
    """List the bugs that nnxfuzz knows, or copy their entries.

    `fuzz` steps over them, `replay` and `report` without a path run them.  Neither jax nor Flax is
    needed.
    """
    from nnxfuzz.corpus import entries, shipped
    from nnxfuzz.corpus.outcomes import range_text

    if target is not None:
        files = shipped.copied(target)
        say(f"{len(files)} files in {target}")
        return
    found = entries.entries([shipped.shipped()])
    for path in found:
        entry = entries.load(path)
        say(f"{path.stem}\n    {entry.title}; {range_text(entry.affected)}")
        if entry.link:
            say(f"    {entry.link}")
    say(f"{len(found)} entries in {shipped.shipped()}")
