"""`nnxfuzz shrink`: a find that was cut short, made as small as it goes."""

from pathlib import Path

import click

from nnxfuzz.cli.common import Whole, say
from nnxfuzz.cli.elsewhere import Elsewhere
from nnxfuzz.cli.installed import require_flax
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.progress import Progress


@click.command(
    cls=Elsewhere,
    epilog="""\b
Examples:
  nnxfuzz shrink finds/some-entry.json
  nnxfuzz shrink finds/some-entry.json --tries 10000 --flax ../flax""",
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--tries",
    type=Whole(2),
    default=2000,
    help="How many smaller programs to try (default: 2000).",
)
def shrink(path: Path, tries: int) -> int:
    """Shrink an entry on, and replace its file.

    A find whose shrinking was cut short says so in its note.  The smaller case has a name of its
    own.  Title, note, link, cause and range stay as they are.
    """
    from nnxfuzz.corpus import entries as corpus

    entry = corpus.load(path)
    require_flax()
    from nnxfuzz.campaign.again import shrunk_on
    from nnxfuzz.corpus.installed import versions_text
    from nnxfuzz.programs.case import weight

    with Progress(f"tries up to {tries} smaller programs"):
        small = shrunk_on(entry, tries)
    if small is None:
        raise Misuse(
            f"{path} does not show its bug on {versions_text()}; name a Flax that has it by --flax"
        )
    if weight(small.case) >= weight(entry.case) and small.arm == entry.arm:
        say(f"no step makes {path} smaller")
        return 0
    new = corpus.save(small, path.parent)
    if new != path:
        path.unlink()
    say(f"{new}\n  {weight(entry.case)[0]} bytes of program are {weight(small.case)[0]} now")
    return 0
