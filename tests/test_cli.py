"""The command line but for `fuzz`: what it says to whoever asks for something wrong, and how fast.

Every misuse is one sentence on standard error that names the remedy, and exit code 2.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from entries import FIXED, INAPPLICABLE, LOST, OTHER, REFUSED, REGRESSED, UNFIT, needs_tree

from nnxfuzz import __version__, cli, compat, corpus
from nnxfuzz.cli import common

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> tuple[int, str, str]:
        code = cli.run([str(word) for word in words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def process(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    """`python -m nnxfuzz` in a process of its own."""
    return python("-m", "nnxfuzz", *words, **options)


def python(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    kept = {"capture_output": True, "text": True, "check": False} | options
    return subprocess.run([sys.executable, *map(str, words)], **kept)  # type: ignore[call-overload, no-any-return]


def assert_refused(result: tuple[int, str, str], sentence: str) -> None:
    assert result == (2, "", f"nnxfuzz: {sentence}\n")


# --- the program ----------------------------------------------------------------------------


def test_without_a_command_it_shows_the_help_and_does_not_pass(run: Run) -> None:
    code, out, err = run()
    assert (code, out) == (2, "")
    assert err.startswith("Usage: nnxfuzz [OPTIONS] COMMAND [ARGS]...")
    assert "nnxfuzz replay                run the corpus" in err


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("command", [None, *cli.cli.commands])
def test_help_has_an_example(command: str | None, option: str, run: Run) -> None:
    code, out, err = run(*([command] if command else []), option)
    assert (code, err) == (0, "")
    assert re.search(r"Examples?:\s+nnxfuzz " + (command or ""), out)


@pytest.mark.parametrize("command", cli.cli.commands)
def test_help_names_the_default_of_every_option(command: str, run: Run) -> None:
    _, out, _ = run(command, "--help")
    for option in cli.cli.commands[command].params:
        if option.param_type_name == "option" and not getattr(option, "is_flag", False):
            text = out[out.index(f"  {option.opts[0]} ") :]
            assert "(default: " in re.sub(r"\s+", " ", text).split(" --")[1], option.opts


def test_the_version(run: Run) -> None:
    assert run("--version") == (0, f"nnxfuzz, version {__version__}\n", "")


def test_it_runs_as_a_module() -> None:
    done = process("--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: python -m nnxfuzz [OPTIONS]")


COMMANDS = "fuzz, replay, show, script, contract"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fuz"], f"there is no command 'fuz'; choose from {COMMANDS}"),
        (["--fast"], "there is no option --fast; see nnxfuzz --help"),
        (["show"], "Missing argument 'PATH'; see nnxfuzz show --help"),
        (["show", "a", "b"], "Got unexpected extra argument (b); see nnxfuzz show --help"),
        (["replay", "--jsn"], "there is no option --jsn; did you mean --json?"),
        (["contract", "-x"], "there is no option -x; see nnxfuzz contract --help"),
    ],
)
def test_what_there_is_not_is_told(words: list[str], sentence: str, run: Run) -> None:
    assert_refused(run(*words), sentence)


def test_an_interrupt_has_the_exit_code_of_shells(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(corpus, "load", interrupt)
    code, out, err = run("show", "x.json")
    assert (code, out) == (130, "")
    assert err.strip() == "nnxfuzz: interrupted"


def test_a_defect_has_an_exit_code_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(corpus, "load", fail)
    code, out, err = run("show", "x.json")
    assert (code, out) == (3, "")
    assert "KeyError: 'lost'" in err
    assert err.endswith("nnxfuzz: this is a defect of nnxfuzz, please report it\n")


# --- files that are no entries --------------------------------------------------------------

BAD = {
    "empty": (b"", "it is no JSON, Expecting value at line 1, column 1; correct the text there"),
    "truncated": (corpus.document(LOST)[:-40], "it is no JSON, "),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0", "byte 0 is no UTF-8; write the file as UTF-8"),
    "future": (
        json.dumps(json.loads(corpus.document(LOST)) | {"format": 99}).encode(),
        "at $.format: format 99 was written by a newer nnxfuzz; upgrade nnxfuzz, ",
    ),
    "oversized": (b"[" * (corpus.MAX_ENTRY_BYTES + 1), "it has 4194305 bytes; keep to 4194304"),
    "ill-formed": (
        corpus.document(LOST).replace(b'"variable": 0', b'"variable": 9'),
        "; variables has row 0 only, so name it or add one",
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


# --- show and script ------------------------------------------------------------------------


def test_show_is_a_page(run: Run, tmp_path: Path) -> None:
    code, out, err = run("show", corpus.save(LOST, tmp_path))
    assert (code, err) == (0, "")
    assert out.startswith("An update is lost\nwrong-world fori_loop tree: caller variable value\n")
    for heading in ("objects", "program", "differences"):
        assert f"\n{heading}\n" in out


def test_script_is_a_program_and_nothing_else(run: Run, tmp_path: Path) -> None:
    code, out, err = run("script", corpus.save(LOST, tmp_path))
    assert (code, err) == (0, "")
    compile(out, "bug.py", "exec")


#: Runs a command and then says which of these modules are there.
LOADED = """
import sys
from nnxfuzz.cli import run
code = run(sys.argv[1:])
names = ("jax", "flax", "hypothesis", "rich", "numpy")
print("loaded:", *(name for name in names if name in sys.modules))
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--help"], []),
        (["fuzz", "--help"], []),
        (["show", "entry.json"], ["numpy"]),
        (["script", "entry.json"], ["numpy"]),
    ],
)
def test_what_runs_nothing_is_quick(words: list[str], names: list[str], tmp_path: Path) -> None:
    corpus.save(LOST, tmp_path).rename(tmp_path / "entry.json")
    done = python("-c", LOADED, *words, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].removeprefix("loaded:").split() == names


# --- replay ---------------------------------------------------------------------------------


@needs_tree
def test_replay_says_what_became_of_each(run: Run, tmp_path: Path) -> None:
    entries = (LOST, REFUSED, FIXED, OTHER, REGRESSED, INAPPLICABLE, UNFIT)
    lost, refused, fixed, other, regressed, inapplicable, unfit = paths = [
        corpus.save(entry, Path("corpus")) for entry in entries
    ]
    code, out, err = run("replay", *paths)
    assert (code, err) == (2, "")
    assert out.splitlines() == [
        f"flax {compat.FLAX}, jax {compat.JAX}",
        f"still fails        {lost}",
        "                   wrong-world fori_loop tree: caller variable value",
        f"passes             {refused}",
        f"fixed              {fixed}",
        f"                   flax {compat.FLAX} / jax {compat.JAX} passes",
        f"fails differently  {other}",
        "                   recorded wrong-world fori_loop tree: ys array value, "
        "seen wrong-world fori_loop tree: caller variable value",
        f"regressed          {regressed}",
        "                   wrong-world fori_loop tree: caller variable value",
        f"not applicable     {inapplicable}",
        "                   scan in graph mode cannot run this case",
        f"unreadable         {unfit}",
        "                   NaN to int: a rounded or non-finite float becomes an int; "
        "its numbers allow no comparison",
        "7 entries: still fails 1, passes 1, fixed 1, fails differently 1, regressed 1, "
        "not applicable 1, unreadable 1",
    ]


@needs_tree
def test_replay_as_json_is_one_object_a_line(run: Run) -> None:
    paths = [corpus.save(entry, Path("corpus")) for entry in (LOST, REFUSED)]
    code, out, err = run("replay", "--json")
    assert (code, err) == (0, "")
    assert [json.loads(line) for line in out.splitlines()] == [
        {
            "path": str(paths[0]),
            "outcome": "still fails",
            "detail": "wrong-world fori_loop tree: caller variable value",
        },
        {"path": str(paths[1]), "outcome": "passes"},
    ]


@needs_tree
@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], 0),
        ([LOST, REFUSED, FIXED, INAPPLICABLE], 0),
        ([LOST, OTHER], 1),
        ([REGRESSED, REFUSED], 1),
        ([OTHER, UNFIT], 2),
    ],
    ids=["none", "as recorded", "differently", "regressed", "unreadable"],
)
def test_the_exit_code_of_replay(entries: list[corpus.Entry], code: int, run: Run) -> None:
    Path("corpus").mkdir()
    for entry in entries:
        corpus.save(entry, Path("corpus"))
    got, out, _ = run("replay")
    assert got == code
    assert f"\n{len(entries)} entries" in out


def test_replay_without_a_corpus_is_told(run: Run) -> None:
    assert_refused(run("replay"), "corpus does not exist; name a corpus entry or a folder of them")


def test_contract_is_a_page(run: Run) -> None:
    code, out, err = run("contract")
    assert (code, err) == (0, "")
    assert out.startswith("# ")


# --- jax and Flax ---------------------------------------------------------------------------

INSTALL = "run pip install 'flax>=0.10.2'"

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
            "import jax; del jax.numpy, jax.Array",
            "flax.nnx does not import (AttributeError: module 'jax' has no attribute",
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
    assert done.stderr.startswith(f"nnxfuzz: {sentence}")
    assert done.stderr.count("\n") == 1
    assert os.listdir(tmp_path) == ["corpus"]


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


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    path = corpus.save(LOST, tmp_path)
    pipe = f"{sys.executable} -m nnxfuzz show {path} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 141)  # 0 if it had written all before `true` was gone
    assert done.stderr == ""


def test_a_terminal_that_lacks_a_letter_gets_an_escape(tmp_path: Path) -> None:
    path = corpus.save(LOST, tmp_path).rename(tmp_path / "é.json")
    path.write_bytes(path.read_bytes().replace(b"An update", "Une idée".encode()))
    done = process("show", path, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Une id\\xe9e is lost\n")


def test_commands_are_quoted_for_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/nnxfuzz"])
    assert common.command_line("replay", Path("my finds/a.json")) == (
        "nnxfuzz replay 'my finds/a.json'"
    )
    assert common.command_line("replay", Path("-x/a.json")) == "nnxfuzz replay ./-x/a.json"
    monkeypatch.setattr(sys, "argv", ["/somewhere/nnxfuzz/__main__.py"])
    assert common.command_line("replay", Path("a")) == "python -m nnxfuzz replay a"
