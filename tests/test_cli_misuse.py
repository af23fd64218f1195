"""Files that are no entries, a Flax that cannot be used, output that goes nowhere.

Each is one sentence on standard error that names the remedy, and exit code 2.
"""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from commands import Run, assert_refused, process, python
from entries import INAPPLICABLE, LOST, REFUSED

from nnxfuzz.cli import common, installed
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.oracle.verdict import Difference

# --- files that are no entries --------------------------------------------------------------

BAD = {
    "empty": (b"", "it is no JSON, Expecting value at line 1, column 1; correct the text there"),
    "truncated": (corpus.document(LOST)[:-40], "it is no JSON, "),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0", "byte 0 is no UTF-8; write the file as UTF-8"),
    "future": (
        json.dumps(json.loads(corpus.document(LOST)) | {"format": 99}).encode(),
        "at $.format: format 99 was written by a newer nnxfuzz; upgrade nnxfuzz, ",
    ),
    "oversized": (b"[" * (corpus.MAX_ENTRY_BYTES + 9), "it has more than 4194304 bytes; make"),
    "ill-formed": (
        corpus.document(LOST).replace(b'"variable": 0', b'"variable": 9'),
        "there is no row 9 in variables; ",
    ),
}


@pytest.fixture(params=BAD)
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A file that is no entry, and what is to be said of it."""
    data, sentence = BAD[request.param]
    path = tmp_path / f"{request.param}.json"
    path.write_bytes(data)
    return path, sentence


@pytest.mark.parametrize("command", ["show", "script"])
def test_a_bad_file_is_refused(command: str, bad: tuple[Path, str], run: Run) -> None:
    path, sentence = bad
    code, out, err = run(command, path)
    assert (code, out) == (2, "")
    assert err.startswith(f"nnxfuzz: {path} is no corpus entry: at $")
    assert sentence in err
    assert err.count("\n") == 1


def test_a_finding_that_no_check_shows_makes_no_test(run: Run, tmp_path: Path) -> None:
    strange = Difference(("caller", 0), "variable", "metadata", "[('f', <function>)]", "[]")
    found = msgspec.structs.replace(LOST.evidence, differences=(strange,))
    path = corpus.save(msgspec.structs.replace(LOST, evidence=found), tmp_path)
    sentence = (
        f"{path} cannot be told by one check of a test; use --style script, "
        "which runs the loop in plain Python too"
    )
    assert_refused(run("script", path, "--style", "absltest"), sentence)


def test_a_bad_file_does_not_stop_the_others(bad: tuple[Path, str], run: Run) -> None:
    path, sentence = bad
    good = corpus.save(INAPPLICABLE, path.parent / "z")
    code, out, err = run("replay", path, good)
    assert (code, err) == (2, "")
    assert re.search(rf"^unreadable         {re.escape(str(path))}$", out, re.MULTILINE)
    assert sentence in out
    assert re.search(rf"^not applicable     {re.escape(str(good))}$", out, re.MULTILINE)
    assert out.endswith("2 entries: unreadable 1, not applicable 1\n")


def test_a_missing_file_is_refused(run: Run) -> None:
    for command in ("show", "script"):
        assert_refused(run(command, "no.json"), "no.json is no file; name a corpus entry (*.json)")
    sentence = "no.json does not exist; name a corpus entry or a folder of them"
    assert_refused(run("replay", "no.json"), sentence)


@pytest.mark.parametrize("command", ["report", "shrink", "bisect"])
def test_a_script_is_no_entry(command: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "different-scan-graph-0bd35bd8.py"
    path.write_text("import nnxfuzz\n")
    sentence = f"{path} is a script; run it with python, or name a corpus entry (*.json)"
    assert_refused(run(command, path), sentence)


def test_a_folder_is_no_entry(run: Run, tmp_path: Path) -> None:
    for command in ("show", "script"):
        sentence = f"{tmp_path} is no file; name a corpus entry (*.json)"
        assert_refused(run(command, tmp_path), sentence)


def test_a_path_that_no_file_can_have_is_refused(run: Run) -> None:
    for command in ("show", "script", "replay"):
        code, out, err = run(command, "x" * 5000)
        assert (code, out) == (2, "")
        assert "File name too long" in err
        assert err.count("\n") == 1


def test_line_breaks_in_a_path_do_not_break_the_sentence(run: Run) -> None:
    assert_refused(run("show", "a\nb"), "a b is no file; name a corpus entry (*.json)")


# --- jax and Flax ---------------------------------------------------------------------------

INSTALL = "run pip install 'flax>=0.10.1'"

#: Runs a command after some preparation.
PREPARED = """
import importlib.metadata as metadata, sys
{}
from nnxfuzz.cli import main
main(sys.argv[1:])
"""

VERSION = """
def version(name, real=metadata.version):
    {}
    return real(name)
metadata.version = version
"""

ABSENT = VERSION.format("if name == 'flax': raise metadata.PackageNotFoundError(name)")
OLD = VERSION.format("if name == 'flax': return '0.8.5'")


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (ABSENT, f"flax is not installed in this Python; {INSTALL}"),
        (OLD, f"flax 0.8.5 is too old to have all of nnx's loops; {INSTALL}"),
        (
            "sys.modules['jax'] = None",
            "jax does not import (ModuleNotFoundError: import of jax halted; "
            "None in sys.modules); run pip install jax",
        ),
        (
            "import jax; del jax.numpy, jax.Array",  # as a jax of another age
            "flax.nnx does not import (",
        ),
    ],
    ids=["absent", "old", "no jax", "unfit jax"],
)
@pytest.mark.parametrize("command", ["fuzz", "replay", "contract"])
def test_a_flax_that_cannot_be_used_is_one_sentence(
    command: str, prepare: str, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "corpus").mkdir()
    done = python("-c", PREPARED.format(prepare), command, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    told = done.stderr.removeprefix("nnxfuzz: imports jax and flax\n")  # what fuzz says first
    assert told.startswith(f"nnxfuzz: {sentence}")
    assert told.count("\n") == 1
    assert os.listdir(tmp_path) == ["corpus"]


def test_an_interrupt_waits_until_jax_is_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []

    def imported(module: str, remedy: str) -> None:
        signal.raise_signal(signal.SIGINT)
        done.append(module)

    monkeypatch.setattr(installed, "_import", imported)
    assert run("contract") == (130, "", "\nnnxfuzz: interrupted\n")  # below the ^C
    assert done == ["jax", "flax.nnx"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_without_flax_entries_are_shown_all_the_same(tmp_path: Path) -> None:
    path = corpus.save(LOST, tmp_path)
    prepare = "sys.modules['jax'] = sys.modules['flax'] = None"
    for command in ("show", "script"):
        assert python("-c", PREPARED.format(ABSENT + prepare), command, path).returncode == 0


def test_a_device_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = process("contract", env=os.environ | {"JAX_PLATFORMS": "rocm"}, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    *_, last = done.stderr.splitlines()  # jax may have logged something
    assert last.startswith("nnxfuzz: jax finds no device to run on (RuntimeError: ")
    assert last.endswith("); set JAX_PLATFORMS=cpu")


# --- output ---------------------------------------------------------------------------------

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


@needs_full
@pytest.mark.parametrize("command", ["show", "script", "replay"])
def test_output_that_is_lost_is_an_error(command: str, tmp_path: Path) -> None:
    path = corpus.save(INAPPLICABLE, tmp_path)
    with open("/dev/full", "w") as full:
        done = process(command, path, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr == (
        "nnxfuzz: cannot write to standard output: No space left on device; "
        "make room there or send it elsewhere\n"
    )


@pytest.mark.parametrize("command", ["show", "replay", "contract"])
def test_a_reader_that_leaves_early_is_no_error(command: str, tmp_path: Path) -> None:
    path = corpus.save(INAPPLICABLE, tmp_path)
    reads, writes = os.pipe()
    os.close(reads)
    words = [command] if command == "contract" else [command, path]
    with os.fdopen(writes) as pipe:
        done = process(*words, capture_output=False, stdout=pipe, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_terminal_that_lacks_a_letter_gets_an_escape(tmp_path: Path) -> None:
    path = corpus.save(LOST, tmp_path)
    path.write_bytes(path.read_bytes().replace(b"An update", "\u732b".encode()))
    done = process("show", path, env=os.environ | {"PYTHONIOENCODING": "latin-1"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("\\u732b is lost\n")


def test_commands_are_quoted_for_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/nnxfuzz"])
    assert common.command_line("replay", Path("my finds/a.json")) == (
        "nnxfuzz replay 'my finds/a.json'"
    )
    assert common.command_line("replay", Path("-x/a.json")) == "nnxfuzz replay ./-x/a.json"
    monkeypatch.setattr(sys, "argv", ["/somewhere/nnxfuzz/__main__.py"])
    assert common.command_line("replay", Path("a")) == "python -m nnxfuzz replay a"


PRESSED = """
import signal
from nnxfuzz import nnx_api

def pressing(transform):
    def call(*arguments, **options):
        calls.append(1)
        if len(calls) == 3:
            signal.raise_signal(signal.SIGINT)
        return transform(*arguments, **options)
    return call

calls, real = [], nnx_api.transforms()
nnx_api.transforms = lambda: {name: pressing(each) for name, each in real.items()}
"""


def test_an_interrupt_while_a_case_runs_ends_the_process_in_peace(tmp_path: Path) -> None:
    for k in range(4):
        corpus.save(msgspec.structs.replace(REFUSED, title=f"Number {k}"), tmp_path)
    done = python("-c", PREPARED.format(PRESSED), "replay", tmp_path)
    assert (done.returncode, done.stderr.strip()) == (130, "nnxfuzz: interrupted")
    assert 1 < len(done.stdout.splitlines()) < 4, "the release, and not all of the entries"
