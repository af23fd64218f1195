"""The command line.  One file per command; this one puts them together.

Exit codes: 0 as expected, 1 a finding, 2 misuse, 3 a defect of nnxfuzz itself (with a traceback, or
with notes of the programs at which `fuzz` met it),
130 interrupted, 141 nobody reads the output.  Every misuse is one sentence on standard error that
names the remedy.

Commands import what they need when they run, jax and Flax above all, so that `--help` is quick and
a missing Flax is a sentence and not a traceback.
"""

import os
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import Any

import click

from nnxfuzz import __version__
from nnxfuzz.cli.atlas import atlas
from nnxfuzz.cli.bisect import bisect
from nnxfuzz.cli.check import check
from nnxfuzz.cli.common import Unread, one_line, program
from nnxfuzz.cli.contract import contract
from nnxfuzz.cli.corpus import corpus
from nnxfuzz.cli.fuzz import fuzz
from nnxfuzz.cli.gate import gate
from nnxfuzz.cli.releases import releases
from nnxfuzz.cli.replay import replay
from nnxfuzz.cli.report import report
from nnxfuzz.cli.schema import schema
from nnxfuzz.cli.show import script, show
from nnxfuzz.cli.shrink import shrink
from nnxfuzz.cli.status import status
from nnxfuzz.programs.errors import Misuse, Unsaved

#: As shells count them: 128 and the number of the signal.
INTERRUPTED, UNREAD = 130, 141


class Commands(click.Group):
    """A group that says which commands there are when it is asked for another."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if self.get_command(ctx, args[0]) is None:
            ctx.fail(f"there is no command {args[0]!r}; choose from {', '.join(self.commands)}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  nnxfuzz check train.py        judge what your own program does with transforms
  nnxfuzz fuzz                  look for bugs for a minute
  nnxfuzz status                where a campaign stands
  nnxfuzz show finds/x.json     what one of them is
  nnxfuzz script finds/x.json   the same as a program for a bug report
  nnxfuzz report --html x.html  all of them as one page, with drawings
  nnxfuzz atlas                 what each transform does with each construct
  nnxfuzz replay                run the corpus against the installed Flax
  nnxfuzz replay --flax '*'     run it against every release that nnxfuzz knows
  nnxfuzz bisect finds/x.json   where one of them began, and where it ended

\b
Exit codes: 0 as expected, 1 a finding, 2 misuse (one sentence on standard error),
  3 a defect of nnxfuzz, 130 interrupted; `fuzz` ends with 0, 1 or 3 on Ctrl-C too.""",
)
@click.version_option(__version__, prog_name="nnxfuzz")
@click.pass_context
def cli(ctx: click.Context) -> int:
    """Hold the transforms of Flax NNX to what they mean as plain Python.

    Begin with `nnxfuzz fuzz`, or with `nnxfuzz check` and a script of yours.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        return 2
    return 0


for command in (
    *(check, fuzz, status, replay, gate, bisect, releases),
    *(show, script, report, shrink, corpus, contract, atlas, schema),
):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # so that no terminal's encoding is a traceback
            stream.reconfigure(errors="backslashreplace")
    code = run(arguments)
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:  # told already; Python would tell it again, with an exit code of its own
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if code == INTERRUPTED and threading.active_count() > 1:
        os._exit(code)  # a case is still at it, and jax aborts if the interpreter ends under it
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    try:
        result = cli.main(arguments, prog_name=program(), standalone_mode=False)
    except click.UsageError as error:
        return _refused(_usage(error))
    except Unsaved as error:
        _refused(str(error))
        return 1
    except (click.ClickException, Misuse) as error:
        return _refused(str(error))
    except (click.Abort, KeyboardInterrupt):
        click.echo("nnxfuzz: interrupted", err=True)
        return INTERRUPTED
    except Unread:
        return UNREAD
    except OSError as error:
        if error.filename is None:
            return _defect()
        return _refused(f"{error.filename}: {error.strerror}; name a path that can be used")
    except Exception:
        return _defect()
    return result if isinstance(result, int) else 0


def _usage(error: click.UsageError) -> str:
    """What click says, as one sentence with a remedy.  Messages of ours have one, after a `;`."""
    if isinstance(error, click.NoSuchOption):
        message = f"there is no option {error.option_name}"
        if error.possibilities:
            return f"{message}; did you mean {' or '.join(error.possibilities)}?"
    else:
        message = error.format_message().rstrip(".")
    if ";" in message:
        return message
    return f"{message}; see {error.ctx.command_path if error.ctx else program()} --help"


def _refused(message: str) -> int:
    click.echo(f"nnxfuzz: {one_line(message)}", err=True)
    return 2


def _defect() -> int:
    traceback.print_exc()
    click.echo("nnxfuzz: this is a defect of nnxfuzz, please report it", err=True)
    return 3
