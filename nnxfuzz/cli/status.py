"""`nnxfuzz status`: what a campaign is doing or has done, read from its finds folder."""

from pathlib import Path

import click

from nnxfuzz.cli.common import FINDS, say
from nnxfuzz.cli.installed import require_flax
from nnxfuzz.programs.errors import Misuse


@click.command(
    epilog="""\b
Examples:
  nnxfuzz status
  nnxfuzz status nightly/finds --coverage
  watch nnxfuzz status"""
)
@click.argument("finds", type=click.Path(path_type=Path, file_okay=False), default=FINDS)
@click.option("--coverage", "features", is_flag=True, help="Add the table of features.")
def status(finds: Path, features: bool) -> int:
    """Show the campaigns of a folder, running or not.

    The latest comes first.  Without FINDS it is the folder finds.
    """
    require_flax()
    from rich.console import Console

    from nnxfuzz.campaign.state import State, age, running, states, unreadable
    from nnxfuzz.campaign.summary import coverage, summary
    from nnxfuzz.cli import view

    def state_of(path: Path, state: State) -> str:
        if running(path):
            return "running"
        how = "ended" if state.ended == "budget" else state.ended or "killed"
        return f"{how} {view.span(age(path))} ago"

    found = states(finds)
    if not found:
        unread = "".join(f" that can be read (not {path})" for path in unreadable(finds)[:1])
        raise Misuse(f"{finds} holds no campaign{unread}; name the folder given to fuzz --finds")
    console = Console(highlight=False)
    for path, state in found:
        told = summary(state) | coverage(state)
        say(
            f"seed {state.settings.seed} on flax {state.flax}, jax {state.jax}: "
            f"{state_of(path, state)}"
        )
        with console.capture() as captured:
            console.print(view.table(told))
            if features:
                console.print(view.coverage(told))
                console.print(view.nested(told))
        say(captured.get(), end=False)
        if features:
            say(view.unreached(told))
        for one in state.found:
            say(f"  {one.signature}\n    {one.path}{'' if one.shrunk else ' (not shrunk)'}")
        for failed in state.faults:
            say(f"  nnxfuzz itself failed: {failed.name}\n    {failed.path}")
    return 0
