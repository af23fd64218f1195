"""The command line.  One file per command; this one puts them together.

Exit codes: 0 as expected, 1 a finding, 2 misuse, 3 a defect of nnxfuzz itself (with a traceback).
Every misuse is one sentence on standard error.
Commands import jax and Flax only when they run, so that `--help` is quick and a missing Flax is a
sentence and not a traceback.
"""

import sys
import traceback
from collections.abc import Sequence

import click

from nnxfuzz import __version__
from nnxfuzz.cli.contract import contract
from nnxfuzz.cli.fuzz import fuzz
from nnxfuzz.cli.replay import replay
from nnxfuzz.cli.show import script, show
from nnxfuzz.errors import Misuse


@click.group(
    epilog="Start with `nnxfuzz fuzz`; then `nnxfuzz show` and `nnxfuzz script` on what it saves."
)
@click.version_option(__version__, prog_name="nnxfuzz")
def cli() -> None:
    """Fuzz the loop transforms of Flax NNX against plain Python loops."""


for command in (fuzz, replay, show, script, contract):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    try:
        result = cli.main(arguments, prog_name="nnxfuzz", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        return 2
    except (click.ClickException, Misuse) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"nnxfuzz: {message}", err=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("nnxfuzz: interrupted", err=True)
        return 2
    except BrokenPipeError:
        return 0
    except Exception:
        traceback.print_exc()
        click.echo("nnxfuzz: this is a defect of nnxfuzz, please report it", err=True)
        return 3
    return result if isinstance(result, int) else 0
