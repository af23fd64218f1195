"""`nnxfuzz show` and `nnxfuzz script`: one entry as text, and as a stand-alone program.

Neither runs the entry, so neither needs jax or Flax.
"""

from pathlib import Path

import click

from nnxfuzz.cli.common import say

_FILE = click.argument("path", type=click.Path(path_type=Path))


@click.command(
    epilog="Example: nnxfuzz show finds/wrong-world-caller-array-value-scan-graph-1a2b3c4d.json"
)
@_FILE
def show(path: Path) -> None:
    """Show an entry: its objects, its program, and expected against got.

    PATH is a file of the corpus or of the finds.
    """
    from nnxfuzz import corpus
    from nnxfuzz.show import show as page

    entry = corpus.load(path)
    say(page(entry.case, entry.arm, entry.evidence, entry.title, entry.arms, entry.blame))


@click.command(
    epilog="""\b
Example:
  nnxfuzz script finds/wrong-world-caller-array-value-scan-graph-1a2b3c4d.json > bug.py
  python bug.py"""
)
@_FILE
def script(path: Path) -> None:
    """Print a stand-alone program that shows the bug and imports only jax, numpy and flax.

    PATH is a file of the corpus or of the finds.  The program exits 0 if the installed release is
    right, 1 if the bug shows, 2 if it is not applicable.
    """
    from nnxfuzz import corpus
    from nnxfuzz.script import script as program

    entry = corpus.load(path)
    say(program(entry.case, entry.arm, entry.evidence, entry.title), end=False)
