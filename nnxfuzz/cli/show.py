"""`nnxfuzz show` and `nnxfuzz script`: one entry as text, and as a stand-alone program.

Without `--run` and `--flax` neither runs the entry, so neither needs jax or Flax.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnxfuzz.cli.common import say, write_out
from nnxfuzz.cli.elsewhere import Elsewhere
from nnxfuzz.cli.installed import require_flax, require_page
from nnxfuzz.programs.errors import Misuse

if TYPE_CHECKING:  # importing it would import numpy
    from nnxfuzz.corpus.entries import Entry


class Now(Elsewhere):
    """With `--flax` an entry is told as that Flax shows it, and not as it was recorded."""

    more = ("--run",)


_FILE = click.argument("path", type=click.Path(path_type=Path))
_RUN = click.option(
    "--run", is_flag=True, help="Run it first, and tell what the installed Flax does; --flax does."
)
_OUT = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


@click.command(
    cls=Now,
    epilog="""\b
Examples:
  nnxfuzz show finds/wrong-world-caller-array-value-scan-graph-1a2b3c4d.json
  nnxfuzz show --svg objects.svg finds/wrong-world-caller-array-value-scan-graph-1a2b3c4d.json""",
)
@_FILE
@_RUN
@click.option(
    "--svg", type=_OUT, help="Write the drawing of its objects alone, as SVG (default: the text)."
)
@click.option("--png", type=_OUT, help="The same as PNG (default: the text).")
def show(path: Path, run: bool, svg: Path | None, png: Path | None) -> None:
    """Show an entry: objects, program, expected against got.

    PATH is a file of the corpus or of the finds, or a script that nnxfuzz check has saved.
    Drawings go to a file, or to standard output if it is `-`; they need nnxfuzz[report].
    """
    from nnxfuzz.checker.repro import saved
    from nnxfuzz.programs.case import Case
    from nnxfuzz.report import calls
    from nnxfuzz.report.show import show as page

    if saved.is_script(path):
        if svg is not None or png is not None:
            raise Misuse(
                f"{path} is a script, of which there is no drawing; leave out --svg, --png"
            )
        found = saved.load(path)
        say(f"{found.heading}\n\n\n{found.program}")
        return
    entry = _entry(path, run)
    if svg is not None or png is not None:
        require_page("a drawing")
        from nnxfuzz.report import picture

        if isinstance(entry.case, Case):
            drawing = picture.of_case(entry.case, entry.arm, entry.title)
        elif entry.case.objects:
            drawing = picture.of_calls(entry.case, entry.title)
        else:
            raise Misuse(f"the program of {path} is given no objects to draw; leave the option out")
        if svg is not None:
            write_out(svg, picture.svg(drawing).encode(), told=True)
        if png is not None:
            write_out(png, picture.png(drawing), told=True)
        return
    rest = entry.arm, entry.evidence, entry.title, entry.arms, entry.blame
    say(page(entry.case, *rest) if isinstance(entry.case, Case) else calls.show(entry.case, *rest))


@click.command(
    cls=Now,
    epilog="""\b
Example:
  nnxfuzz script finds/wrong-world-caller-array-value-scan-graph-1a2b3c4d.json > bug.py
  python bug.py""",
)
@_FILE
@_RUN
@click.option(
    "--style",
    type=click.Choice(["script", "absltest"]),
    default="script",
    help="A program with an exit code, or a test in the form of Flax's own transforms_test.py "
    "(default: script).",
)
def script(path: Path, run: bool, style: str) -> None:
    """Print a stand-alone program that shows the bug.

    It imports only jax, numpy and flax.  PATH is a file of the corpus or of the finds, or a script
    that nnxfuzz check has saved, which is printed as it is and imports nnxfuzz.  The program exits
    0 if the installed release is right, 1 if the bug shows, 2 if it is not applicable.  With
    --style absltest it is a test that fails where the bug shows, and imports absl too.
    """
    from nnxfuzz.checker.repro import saved
    from nnxfuzz.programs.case import Case
    from nnxfuzz.report import calls
    from nnxfuzz.report.code.absltest import absltest
    from nnxfuzz.report.issue import history, ingredients
    from nnxfuzz.report.script import script as program

    if saved.is_script(path):
        if style != "script":
            raise Misuse(f"{path} is a script, of which no test is made; leave out --style {style}")
        say(saved.load(path).text, end=False)
        return
    entry = _entry(path, run)
    if not isinstance(entry.case, Case):
        make = calls.script if style == "script" else calls.absltest
        say(make(entry.case, entry.arm, entry.evidence, entry.title, history(entry)), end=False)
        return
    parts = entry.case, entry.arm, entry.evidence, entry.title
    if style == "script":
        say(program(*parts, [*history(entry), *ingredients(entry)]), end=False)
        return
    text = absltest(*parts, entry.arms, history(entry))
    if text is None:
        raise Misuse(
            f"{path} cannot be told by one check of a test; use --style script, "
            "which runs the loop in plain Python too"
        )
    say(text, end=False)


def _entry(path: Path, run: bool) -> "Entry":
    """The entry as it was recorded, or as the installed Flax shows it; Misuse if that is right."""
    from nnxfuzz.corpus import entries as corpus

    entry = corpus.load(path)
    if not run:
        return entry
    require_flax()
    from nnxfuzz.corpus.installed import versions_text
    from nnxfuzz.corpus.replay import as_seen

    seen = as_seen(entry)
    if seen is None:
        raise Misuse(
            f"{path} does not show its bug on {versions_text()}; leave out --run and --flax"
        )
    return seen
