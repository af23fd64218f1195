"""The command line but for `fuzz`: what its commands say, how fast, with which exit code."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from commands import Run, assert_refused, process, python
from entries import FIXED, INAPPLICABLE, LOST, OTHER, REFUSED, REGRESSED, UNFIT, needs_tree

from nnxfuzz import __version__, cli, nnx_api
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.installed import versions_text
from nnxfuzz.oracle.verdict import Difference

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


def test_the_list_of_commands_cuts_no_sentence_off(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for words in ([], ["releases"]):
        _, out, _ = run(*words, "--help")
        listed = out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
        assert listed
        assert all(line.endswith(".") and not line.endswith("...") for line in listed), listed


@pytest.mark.parametrize("command", cli.cli.commands)
def test_help_names_the_default_of_every_option(command: str, run: Run) -> None:
    _, out, _ = run(command, "--help")
    for option in cli.cli.commands[command].params:
        if option.required or option.param_type_name != "option":
            continue
        if not getattr(option, "is_flag", False):
            text = out[out.index(f"  {option.opts[0]} ") :]
            assert "(default: " in re.sub(r"\s+", " ", text).split(" --")[1], option.opts


def test_the_version(run: Run) -> None:
    assert run("--version") == (0, f"nnxfuzz, version {__version__}\n", "")


def test_it_runs_as_a_module() -> None:
    done = process("--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: python -m nnxfuzz [OPTIONS]")


COMMANDS = (
    "check, fuzz, status, replay, gate, bisect, releases, show, script, report, shrink, corpus, "
    "contract, atlas, schema"
)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fuz"], f"there is no command 'fuz'; choose from {COMMANDS}"),
        (["--fast"], "there is no option --fast; see nnxfuzz --help"),
        (["show"], "Missing argument 'PATH'; see nnxfuzz show --help"),
        (["show", "a", "b"], "Got unexpected extra argument (b); see nnxfuzz show --help"),
        (["replay", "--jsn"], "there is no option --jsn; did you mean --json or --jax?"),
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


# --- show and script ------------------------------------------------------------------------


def test_show_is_a_page(run: Run, tmp_path: Path) -> None:
    code, out, err = run("show", corpus.save(LOST, tmp_path))
    assert (code, err) == (0, "")
    assert out.startswith("An update is lost\nwrong-world fori_loop tree: caller variable value\n")
    for heading in ("objects", "program", "differences"):
        assert f"\n{heading}\n" in out


@needs_tree
def test_show_can_tell_what_the_installed_flax_does(run: Run, tmp_path: Path) -> None:
    once = Difference(("caller", 0), "variable", "value", "1.0", "8.5")
    evidence = msgspec.structs.replace(LOST.evidence, differences=(once,))
    path = corpus.save(msgspec.structs.replace(LOST, evidence=evidence), tmp_path)
    assert "8.5" in run("show", path)[1]
    code, out, err = run("show", path, "--run")
    assert (code, err) == (0, "")
    assert "8.5" not in out
    assert re.search(r"caller\[0\] +value +1\.0 +0\.0", out)
    right = corpus.save(REFUSED, tmp_path)
    sentence = f"{right} does not show its bug on {versions_text()}; leave out --run and --flax"
    assert_refused(run("show", right, "--run"), sentence)


def test_script_is_a_program_and_nothing_else(run: Run, tmp_path: Path) -> None:
    code, out, err = run("script", corpus.save(LOST, tmp_path))
    assert (code, err) == (0, "")
    compile(out, "bug.py", "exec")


def test_script_can_be_a_test_of_flax(run: Run, tmp_path: Path) -> None:
    code, out, err = run("script", corpus.save(LOST, tmp_path), "--style", "absltest")
    assert (code, err) == (0, "")
    compile(out, "bug_test.py", "exec")
    assert "class TestWhileLoop(parameterized.TestCase):" in out
    assert "# Releases that fail: no range." in out


def test_the_header_of_a_script_names_releases_and_link(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("script", corpus.save(REFUSED, tmp_path))
    assert code == 0
    said = "Releases that fail: from 0.10.2 (jax 0.4.35) to before 0.10.3 (jax 0.5.0)."
    assert f"\n\n{said}\nUpstream: {REFUSED.link}\nMade of: node:module, " in out


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
    "words",
    [
        ["--help"],
        ["fuzz", "--help"],
        ["corpus"],
        ["show", "entry.json"],
        ["script", "entry.json"],
        ["script", "entry.json", "--style", "absltest"],
        ["report", "entry.json"],
    ],
)
def test_what_runs_nothing_is_quick(words: list[str], tmp_path: Path) -> None:
    corpus.save(LOST, tmp_path).rename(tmp_path / "entry.json")
    done = python("-c", LOADED, *words, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "loaded:"


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
        f"flax {nnx_api.FLAX}, jax {nnx_api.JAX}",
        f"still fails        {lost}",
        "                   wrong-world fori_loop tree: caller variable value",
        f"passes             {refused}",
        f"fixed              {fixed}",
        f"                   flax {nnx_api.FLAX}, jax {nnx_api.JAX} passes",
        f"fails differently  {other}",
        "                   recorded wrong-world fori_loop tree: ys array value, "
        "seen wrong-world fori_loop tree: caller variable value",
        f"regressed          {regressed}",
        "                   wrong-world fori_loop tree: caller variable value",
        f"not applicable     {inapplicable}",
        "                   scan in graph mode cannot run this case",
        f"unreadable         {unfit}",
        "                   NaN to int: a non-finite float becomes an int: or one that is too "
        "large; its numbers allow no comparison",
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
        ([LOST, REFUSED, FIXED, INAPPLICABLE], 0),
        ([LOST, OTHER], 1),
        ([REGRESSED, REFUSED], 1),
        ([OTHER, UNFIT], 2),
    ],
    ids=["as recorded", "differently", "regressed", "unreadable"],
)
def test_the_exit_code_of_replay(entries: list[corpus.Entry], code: int, run: Run) -> None:
    for entry in entries:
        corpus.save(entry, Path("corpus"))
    got, out, _ = run("replay")
    assert got == code
    assert f"\n{len(entries)} entries" in out


@needs_tree
def test_a_strict_replay_fails_for_what_is_still_there(run: Run) -> None:
    corpus.save(REFUSED, Path("corpus"))
    assert run("replay", "--strict")[0] == 0
    corpus.save(LOST, Path("corpus"))
    assert run("replay")[0] == 0
    assert run("replay", "--strict")[0] == 1


def test_files_that_cannot_be_read_are_told_before_jax_starts(tmp_path: Path) -> None:
    corpus.save(LOST, tmp_path)
    (tmp_path / "zzz.json").write_text("{")
    done = python("-c", "import sys; sys.modules['jax'] = None; " + REPLAY, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout.startswith("unreadable         zzz.json\n")
    assert done.stderr.startswith("nnxfuzz: jax does not import ")


REPLAY = "from nnxfuzz.cli import main; main(['replay', '.'])"


def test_an_interrupt_while_the_command_line_is_imported_is_no_traceback() -> None:
    code = "import sys, click; from nnxfuzz import __main__; sys.meta_path.insert(0, Press()); "
    code = PRESS + code + "__main__.main()"
    done = python("-c", code)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "nnxfuzz: interrupted\n")


#: Presses Ctrl-C when the command line is imported.
PRESS = """
class Press:
    def find_spec(self, name, *rest):
        if name.startswith("nnxfuzz.cli"):
            raise KeyboardInterrupt
"""


def test_a_folder_without_an_entry_is_refused(run: Run) -> None:
    Path("finds").mkdir()
    sentence = "finds holds no entry; name a file or another folder"
    assert_refused(run("replay", "finds"), sentence)
    assert_refused(
        run("replay", "none"), "none does not exist; name a corpus entry or a folder of them"
    )


def test_contract_is_a_page(run: Run) -> None:
    code, out, err = run("contract")
    assert (code, err) == (0, "")
    assert out.startswith("# ")
