"""`nnxfuzz contract`: the table of documented refusals and deviations."""

import click

from nnxfuzz.cli.common import require_flax


@click.command(epilog="Example: nnxfuzz contract > docs/contract.md")
def contract() -> None:
    """Print the documented reasons to refuse and the documented deviations, with sources."""
    require_flax()
    from nnxfuzz.contract import page

    click.echo(page(), nl=False)
