"""`nnxfuzz check`: run a program as `python` would, and judge its calls of NNX transforms.

The program runs in a process of its own, so that it may do to it what it likes; this process waits
and says what became of it.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from nnxfuzz.cli.common import FINDS, Tolerance, Whole, check_folder, check_writable, write_out
from nnxfuzz.cli.installed import require_flax, require_page
from nnxfuzz.programs.case import MODES
from nnxfuzz.programs.errors import Misuse


class Kinds(click.ParamType):  # type: ignore[type-arg]
    """What a call may come to that is no finding, and `unseen`, with commas between."""

    name = "kinds"
    known = ("deviates", "refused", "inconclusive", "not-judged", "unseen")

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        words = tuple(value.split(",") if isinstance(value, str) else value)
        for word in words:
            if word not in self.known:
                self.fail(f"there is no {word!r} to fail on; name some of {', '.join(self.known)}")
        return words


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog="""\b
Examples:
  nnxfuzz check train.py --steps 3
  nnxfuzz check --modes all --html report.html train.py
  nnxfuzz check -m my_package.train --steps 3
  nnxfuzz check my_package.model:train_three_steps
  nnxfuzz check --modes all --save finds train.py
  nnxfuzz check --json train.py | tail -n 1 | jq .sites""",
)
@click.option("-m", "module", is_flag=True, help="TARGET is a module, run as python -m would.")
@click.option(
    "--modes",
    type=click.Choice(["used", "all", *MODES]),
    default="used",
    help="all: say also what each call would come to in the other modes; the name of a mode: in "
    "that one (default: used).",
)
@click.option(
    "--times", type=Whole(1), default=2, help="How often a function is called (default: 2)."
)
@click.option(
    "--rtol",
    type=Tolerance(),
    help="The relative tolerance of floats (default: a table).",
)
@click.option(
    "--atol",
    type=Tolerance(),
    help="The absolute tolerance of floats (default: a table).",
)
@click.option(
    "--max-calls",
    type=Whole(0),
    default=3,
    help="How many calls of each call site are judged, in each mode and with each function; "
    "0 means all (default: 3).",
)
@click.option(
    "--max-bytes",
    type=Whole(1),
    default=2**30,
    help="How many bytes of arrays that can change are copied (default: 1 GiB).",
)
@click.option(
    "--max-seconds",
    type=Whole(1),
    default=120,
    help="How much processor time a call has to be judged in each mode (default: 120).",
)
@click.option("--json", "as_json", is_flag=True, help="Write the report as one line of JSON.")
@click.option(
    "--junit-xml",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report to this file, too (default: none).",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report as a page to this file, too (default: none).",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path, file_okay=False),
    help="Save findings as scripts in this folder, those of the other modes too (default: finds, "
    "those of the mode in use).",
)
@click.option("--no-save", is_flag=True, help="Save nothing.")
@click.option(
    "--fail-on",
    type=Kinds(),
    default=(),
    metavar="KINDS",
    help="Exit with 1 for these, too, in the mode in use: a list of deviates, refused, "
    "inconclusive, not-judged, and unseen for no call at all (default: none).",
)
@click.argument("target")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def check(target: str, arguments: tuple[str, ...], **options: Any) -> int:
    """Judge the calls of transforms that a program makes.

    Each is compared with the same call as plain Python.  TARGET is a script, with its own ARGUMENTS
    after it, or package.module:function, or with -m a module.  The program runs as it would without
    the check, then a table says what each call site came to.  What is wrong is saved as a script
    that shows it alone.  The options of nnxfuzz come before TARGET.

    \b
    same                 the call leaves everything as plain Python does
    deviates             it differs, as the mode documents: an update is dropped, say
    refused              it is refused, for a documented reason that holds
    different            it differs, and nothing documents that
    unexplained refusal  it is refused, and no documented reason holds
    internal error       it fails with something that is no refusal
    inconclusive         the numbers allow no comparison
    not judged           it could not be run as plain Python; the report says why

    Exit code 0 if all is well in the mode in use, 1 if a call is different, fails, or is refused
    without a reason, or comes to what --fail-on names, 2 if the program cannot be run or fails, 3
    if nnxfuzz itself failed.
    """
    from nnxfuzz.cli.installed import check_version

    _check_target(target, options["module"])
    _say_what_it_is_given(target, arguments)
    check_version()
    return _run(target, arguments, options)


def _say_what_it_is_given(target: str, arguments: tuple[str, ...]) -> None:
    """Say so where the program gets a word that is an option of nnxfuzz, and does not name it."""
    own = {word for option in click.get_current_context().command.params for word in option.opts}
    words = [word.partition("=")[0] for word in arguments if word.startswith("--")]
    source = Path(target).read_bytes() if Path(target).is_file() else b""
    given = [word for word in words if word in own and word.encode() not in source]
    if given:
        told = f"nnxfuzz: {target} is given {given[0]}; options of nnxfuzz come before the program"
        click.echo(told, err=True)


def _check_target(target: str, module: bool) -> None:
    if module:
        return
    if target and not Path(target).exists() and ":" in target:
        place, _, function = target.partition(":")
        if place.endswith(".py") or os.sep in place:
            name = place.removesuffix(".py").replace(os.sep, ".").strip(".")
            raise Misuse(f"{target} names a file; write the module as in import: {name}:{function}")
        if not place or not function:
            raise Misuse(f"{target} lacks a name; write package.module:function")
        return
    if target.startswith("-") and not Path(target).exists():
        raise Misuse(f"there is no option {target}; see nnxfuzz check --help")
    if not target or not Path(target).exists():
        raise Misuse(
            f"there is no script {target or repr(target)}; name a file, or package.module:function"
        )
    if Path(target).is_dir() and not Path(target, "__main__.py").exists():
        raise Misuse(f"{target} is a folder without a __main__.py; name a script in it")


def _run(target: str, arguments: tuple[str, ...], options: dict[str, Any]) -> int:
    """The program in a process of its own; its exit code, and a sentence if it left none."""
    if options["save"] is not None:
        check_folder(options["save"], "--save")
    where = _folder_of_finds(options.pop("save"), options.pop("no_save"))
    html = options.pop("html")
    for file in filter(None, (options["junit_xml"], html)):
        check_writable(file)
    if html is None:
        return _ran(target, arguments, options | where)
    require_page()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        code = _ran(target, arguments, options | where, report)
        if report.exists():  # or there was nothing that could be run
            _write_page(html, json.loads(report.read_text(encoding="utf-8")), target)
    return code


def _write_page(html: Path, report: dict[str, Any], target: str) -> None:
    require_flax()
    from nnxfuzz.report.page.checks import check_page

    write_out(html, check_page(report, target).encode())


def _ran(
    target: str, arguments: tuple[str, ...], options: dict[str, Any], report: Path | None = None
) -> int:
    """Run the program, which writes its report as JSON to `report`; the exit code."""
    junit = options["junit_xml"]
    settings = {
        **options,
        "junit_xml": None if junit is None else str(junit.absolute()),
        "report": None if report is None else str(report),
    }
    reading, writing = os.pipe()
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    command = [sys.executable, *flags, "-m", "nnxfuzz.checker.program", str(writing)]
    command += [json.dumps(settings), target, *arguments]
    # The child has Ctrl-C wait, too, until it runs the program: its imports end in no traceback.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        child = subprocess.Popen(command, pass_fds=(writing,))
        handlers = _pass_on(child)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(writing)
    with child:
        try:
            code = child.wait()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        with os.fdopen(reading, "rb") as pipe:
            os.set_blocking(reading, False)
            reported = pipe.read() or b""
    if reported:
        return code
    return _without_report(target, code)


def _folder_of_finds(folder: Path | None, nothing: bool) -> dict[str, str | None]:
    """Where findings are saved, and of which modes."""
    where = None if nothing else str((folder or FINDS).absolute())
    return {"save": where, "saved_modes": "used" if folder is None else "all"}


#: What ends this process from outside.
_HANDED = (signal.SIGINT, signal.SIGTERM)


def _pass_on(child: "subprocess.Popen[bytes]") -> dict[int, Any]:
    """Have the program get the signals that end this process; the handlers that were there."""

    def hand_over(number: int, frame: Any) -> None:
        child.send_signal(number)

    replaced: dict[int, Any] = {number: signal.getsignal(number) for number in _HANDED}
    signal.signal(signal.SIGINT, lambda number, frame: None)  # a terminal sends it to both
    signal.signal(signal.SIGTERM, hand_over)
    return replaced


def _without_report(target: str, code: int) -> int:
    if code < 0:
        name = signal.Signals(-code).name
        raise Misuse(
            f"{target} was killed by signal {-code} ({name}), so that there is no report; find "
            "out what sent it"
        )
    raise Misuse(
        f"{target} ended its process with code {code} before the report could be written "
        "(os._exit or exec); let it end by returning or by sys.exit"
    )
