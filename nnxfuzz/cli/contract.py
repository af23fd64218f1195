"""`nnxfuzz contract`: the table of documented refusals and deviations."""

import click

from nnxfuzz.cli.common import say
from nnxfuzz.cli.installed import require_flax


@click.command(epilog="Example: nnxfuzz contract > docs/contract.md")
def contract() -> None:
    """Print the documented refusals and deviations, with sources.

    The output is Markdown.
    """
    require_flax()
    from nnxfuzz.oracle.contract import page

    say(page(), end=False)
