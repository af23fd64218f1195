"""Run a script, a module or a function as `python` would, and report on its calls of transforms.

`nnxfuzz check` starts this in a process of its own.  It tells by a byte in the pipe whose number it
is given that the report is written.
"""

import contextlib
import importlib
import importlib.util
import inspect
import json
import os
import runpy
import signal
import sys
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnxfuzz.checker.lazily import when_flax_is_imported
from nnxfuzz.checker.report import Report
from nnxfuzz.programs.errors import Misuse, text_of
from nnxfuzz.programs.progress import Progress

if TYPE_CHECKING:
    from nnxfuzz.checker.repro.finds import Finds

#: The exit code of a program that failed or could not be run.
FAILED = 2

#: That of a run in which nnxfuzz itself failed, whatever it found.
OWN = 3


def main(arguments: list[str]) -> int:
    """Run the program and report; the exit code."""
    pipe, settings, target, *own = arguments
    options = json.loads(settings)
    process, out = os.getpid(), os.dup(1)  # the program may close sys.stdout, or put another there
    report: Report | None = None
    try:
        run = _runner(target, own, options)
        seen = report = Report()
        when_flax_is_imported(lambda: _start(seen, options))
        failure = _ended(run, target, process)
    except Misuse as error:
        failure, report = str(error), None
    if os.getpid() != process:
        return 0
    _flush()
    code = 0
    if report is not None:
        if failure is not None and report.counts():
            failure += "; the calls up to then were judged"
        _save(report)
        unwritten = _write(report, options, out)
        met = report.met(options["fail_on"])
        if met:
            print(f"nnxfuzz: {target} fails for {', '.join(met)} (--fail-on)", file=sys.stderr)
        code = OWN if report.failures else int(not report.ok or bool(met))
        failure = "; ".join(filter(None, (failure, unwritten))) or None
    if failure is not None:
        print(f"nnxfuzz: {failure}", file=sys.stderr)
        code = code or FAILED
    _flush()
    os.write(int(pipe), b".")
    return code


def _start(report: Report, options: dict[str, Any]) -> None:
    """Judge the calls from now on."""
    from nnxfuzz.checker.tolerance import Tolerance
    from nnxfuzz.checker.watch import Checker

    tolerance = Tolerance(options["rtol"], options["atol"])
    most = options["max_calls"] or None
    limits = options["max_bytes"], options["max_seconds"]
    checker = Checker(report, options["modes"], tolerance, most, *limits, Progress)
    if options["save"] is not None:
        from nnxfuzz.checker.repro.finds import Finds

        _FINDS.append(Finds(Path(options["save"])))
        checker.save(_FINDS[0], options["saved_modes"])
    checker.__enter__()


#: Where the findings of the program are collected, once it has imported Flax.
_FINDS: "list[Finds]" = []


def _save(report: Report) -> None:
    """Save the findings; a failure to do so is told."""
    for finds in _FINDS:
        try:
            with Progress("makes what is wrong smaller, and saves it"):
                report.saved.extend(finds.save())
        except Exception as error:
            report.saved.append(f"the findings could not be saved: {type(error).__name__}: {error}")


def _write(report: Report, options: dict[str, Any], out: int) -> str:
    """Write the report; what could not be written, as a sentence: the program may have deleted the
    folder.
    """
    unwritten = ""
    if options["report"]:
        Path(options["report"]).write_text(report.json(), encoding="utf-8")
    if options["junit_xml"]:
        try:
            Path(options["junit_xml"]).write_bytes(report.junit())
        except OSError as error:
            unwritten = f"cannot write {options['junit_xml']}: {error.strerror}; name another file"
    text = report.json() if options["as_json"] else f"\n{report}"
    with contextlib.suppress(BrokenPipeError), os.fdopen(out, "wb") as stream:
        stream.write(f"{text}\n".encode(errors="backslashreplace"))
    return unwritten


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # closed by the program, or nobody reads it
            continue


def _ended(run: Callable[[], Any], target: str, process: int) -> str | None:
    """Run the program; how it failed, as a sentence, or None.  In a process that the program forks,
    what ends it is raised, so that it has the exit code that it has under Python.
    """
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # see `cli.check`
        run()
    except Misuse:
        raise
    except BaseException as error:
        if os.getpid() != process:
            raise
        return _failed(error, target)
    return None


def _failed(error: BaseException, target: str) -> str | None:
    if isinstance(error, SystemExit):
        return _exited(target, error.code)
    if isinstance(error, KeyboardInterrupt):
        return f"{target} was interrupted"
    _show(error)
    line = next(iter(text_of(error).splitlines()), "").rstrip(":;,. ")
    return f"{target} raised {type(error).__name__}{': ' * bool(line)}{line}"


def _exited(target: str, code: Any) -> str | None:
    if code is None or code == 0:
        return None
    if not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    return f"{target} exited with code {code}"


def _show(error: BaseException) -> None:
    """The traceback as Python shows it, without the frames of nnxfuzz."""
    whole = traceback.TracebackException.from_exception(error)
    left, seen = [whole], set[int]()
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        frames = list(one.stack)
        if frames and not _is_own(frames[-1].filename):  # a failure of ours is shown as it is
            one.stack[:] = [frame for frame in frames if not _is_own(frame.filename)]
        left += [other for other in (one.__cause__, one.__context__) if other is not None]
        left += getattr(one, "exceptions", None) or []
    sys.stderr.write("".join(whole.format()))


#: Where the files of nnxfuzz are.
_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def _is_own(file: str) -> bool:
    return os.path.abspath(file).startswith(_OWN)


# --- what is run ----------------------------------------------------------------------------


def _runner(target: str, own: list[str], options: dict[str, Any]) -> Callable[[], Any]:
    """What runs the program.  Raises Misuse."""
    if options["module"]:
        sys.argv = [target, *own]
        _put_first(os.getcwd())
        return _module(target)
    if ":" in target and not Path(target).exists():
        sys.argv = [target, *own]
        _put_first(os.getcwd())
        if own:
            raise Misuse(f"{target} is a function and gets no arguments; leave out {own[0]}")
        return lambda: _call(target, options["times"])
    sys.argv = [target, *own]
    if Path(target).is_dir():
        return lambda: runpy.run_path(target, run_name="__main__")
    _put_first(str(Path(target).resolve().parent))
    return _script(target)


def _put_first(folder: str) -> None:
    """Have modules of this folder found first.  With `-P` no folder of the command stands there,
    and what does (an entry of PYTHONPATH) stays.
    """
    if sys.flags.safe_path:
        sys.path.insert(0, folder)
    else:
        sys.path[0] = folder


def _script(path: str) -> Callable[[], Any]:
    """A script as the module `__main__`, which stays after it has ended, as under Python."""
    full = os.path.abspath(path)
    try:
        code = compile(Path(path).read_bytes(), full, "exec", dont_inherit=True)
    except OSError as error:
        raise Misuse(f"{path} cannot be read: {error.strerror}; name another file") from None
    except (SyntaxError, ValueError) as error:
        raise Misuse(f"{path} is no Python: {error}; correct it there") from None

    def run() -> None:
        module = types.ModuleType("__main__")
        vars(module).update(__file__=full, __builtins__=__builtins__, __cached__=None)
        sys.modules["__main__"] = module
        exec(code, vars(module))

    return run


def _module(name: str) -> Callable[[], Any]:
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError) as error:
        raise Misuse(f"{name} does not import: {error}; name a module that does") from None
    if found is None:
        raise Misuse(f"there is no module {name}; name one that python -m would run")
    if found.submodule_search_locations and not importlib.util.find_spec(f"{name}.__main__"):
        raise Misuse(f"{name} is a package without a __main__; name a module in it")
    return lambda: runpy.run_module(name, run_name="__main__", alter_sys=True)


def _call(target: str, times: int) -> None:
    """Call `package.module:function` some times.  Raises Misuse."""
    module, _, name = target.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise Misuse(f"{target} does not import ({told}); name a function that does") from None
    if not callable(found):
        raise Misuse(f"{target} is no function; name one")
    if inspect.iscoroutinefunction(found) or inspect.isgeneratorfunction(found):
        raise Misuse(
            f"{target} does nothing until it is awaited or iterated; name a function that does so"
        )
    needed = _needed(found)
    if needed:
        raise Misuse(
            f"{target} needs the arguments {', '.join(needed)}; name a function without any that "
            "makes them and calls it"
        )
    for _ in range(times):
        found()


def _needed(function: Callable[..., Any]) -> list[str]:
    """The parameters that a call has to give."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    given = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p.name for p in parameters if p.default is p.empty and p.kind not in given]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
