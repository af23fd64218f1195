"""`nnxfuzz contract`: the table of documented refusals and deviations."""

import click

from nnxfuzz.cli.common import say
from nnxfuzz.cli.installed import require_flax

_EXAMPLES = """\b
Examples:
  nnxfuzz contract shared-argument
  nnxfuzz contract > docs/contract.md"""


@click.command(epilog=_EXAMPLES)
@click.argument("name", metavar="[RECORD]", required=False)
def contract(name: str | None) -> None:
    """Print the documented refusals and deviations, with sources.

    RECORD is a name that a report gives after "documented": that record alone, and what the guide
    to the modes without graph updates says about it (default: all records).  The output is
    Markdown.
    """
    require_flax()
    from nnxfuzz.report.contract import page, record

    say(page() if name is None else record(name), end=False)
