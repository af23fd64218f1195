"""`nnxfuzz fuzz --flax`: the same command line in another environment."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Run, assert_refused, runner
from elsewhere_tools import Put, every

from nnxfuzz.cli.common import FLAX_WORDS, command_line
from nnxfuzz.cli.elsewhere import without
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.releases.table import RELEASES

ENV = "flax-0.10.2-jax-0.4.35"


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """The child writes to the same terminal as we do."""
    return runner(capfd)


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_the_other_words_go_there_as_they_are(code: int, run: Run, elsewhere: Put) -> None:
    elsewhere({ENV: "passes"}, code=code)
    words = ("--programs", "7", "--flax", "0.10.2", "--finds", "my finds", "--json=-")
    got, out, err = run("fuzz", *words)
    assert got == code
    first, second, third = out.splitlines()
    assert first == "ran fuzz --programs 7 --finds my finds --json=-"
    assert second.startswith("path ")
    assert third == "commands with --flax 0.10.2"
    assert err == ""


def test_another_jax_may_be_asked_for(run: Run, elsewhere: Put) -> None:
    elsewhere({"flax-0.10.2-jax-0.5.0": "passes"})
    code, out, _ = run("fuzz", "--jax=0.5.0", "--flax=0.10.2")
    assert (code, out.splitlines()[0]) == (0, "ran fuzz")
    assert out.splitlines()[2] == "commands with --flax 0.10.2 --jax 0.5.0"


def test_latest_is_one_release(run: Run, elsewhere: Put) -> None:
    made = elsewhere(every(lambda flax: "passes"))
    assert run("fuzz", "--flax", "latest")[0] == 0
    assert [recipe.packages[0] for recipe in made.made] == [f"flax=={RELEASES[-1].flax}"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--jax", "0.5.0"], "--jax 0.5.0 goes with --flax; name the flax that is to run with it"),
        (
            ["--flax", "0.11.*"],
            "--flax 0.11.* names 3 releases; choose one of 0.11.0, 0.11.1, 0.11.2",
        ),
        (
            ["--flax", "0.10.2"],
            "flax 0.10.2 with jax 0.4.35 cannot be installed (no index); use the cache",
        ),
        (["--flax", "0.10.2", "--programs", "0"], "Invalid value for '--programs': '0' will not "),
    ],
)
def test_what_cannot_be_run_elsewhere_is_told(
    words: list[str], sentence: str, run: Run, elsewhere: Put
) -> None:
    elsewhere({})
    code, out, err = run("fuzz", *words)
    assert (code, out) == (2, "")
    assert err.startswith(f"nnxfuzz: {sentence}")
    assert err.count("\n") == 1


def test_a_process_that_dies_there_is_told(run: Run, elsewhere: Put) -> None:
    elsewhere({ENV: "passes"}, code=-signal.SIGKILL)
    sentence = "flax 0.10.2 ended by signal 9; run it again"
    code, _, err = run("fuzz", "--flax", "0.10.2")
    assert (code, err) == (2, f"nnxfuzz: {sentence}\n")


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("", ""),
        ("--seed 1 --flax 0.10.2", "--seed 1"),
        ("--flax=a --jax=b --seed 1", "--seed 1"),
        ("--flax a --flax b --flaxen c", "--flaxen c"),
        ("--seed 1 --jax", "--seed 1"),
    ],
)
def test_the_two_options_are_taken_out(words: str, kept: str) -> None:
    assert without(words.split()) == kept.split()


def test_commands_that_are_printed_run_on_the_same_flax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["nnxfuzz"])
    monkeypatch.setenv(FLAX_WORDS, "--flax '../my flax'")
    assert command_line("show", Path("a")) == "nnxfuzz show a --flax '../my flax'"
    assert command_line("bisect", Path("a")) == "nnxfuzz bisect a"


@pytest.mark.parametrize("command", ["fuzz", "shrink", "show", "script", "report"])
def test_these_commands_run_elsewhere(command: str, run: Run, elsewhere: Put) -> None:
    elsewhere({ENV: "passes"})
    code, out, _ = run(command, "x.json" if command != "fuzz" else "--seed=1", "--flax", "0.10.2")
    assert (code, out.splitlines()[0].split()[1]) == (0, command)


@pytest.mark.slow
def test_another_release_is_really_fuzzed(tmp_path: Path) -> None:
    words = ("--programs", "100", "--seed", "0", "--transforms", "fori_loop", "--flax", "0.10.2")
    words_too = ("--corpus", "none")  # the shipped one knows what is to be found
    command = [sys.executable, "-P", "-m", "nnxfuzz", "fuzz", *words, *words_too]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"JAX_PLATFORMS": "cpu"},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found = [corpus.load(path) for path in corpus.entries([tmp_path / "finds"])]
    assert {entry.found_with.flax for entry in found} == {"0.10.2"}
    assert "spurious-refusal" in {entry.signature.kind for entry in found}


def test_words_are_refused_before_anything_is_made(run: Run, elsewhere: Put) -> None:
    made = elsewhere({ENV: "passes"})
    assert_refused(
        run("fuzz", "--flax", "0.10.2", "--quux"),
        "there is no option --quux; see nnxfuzz fuzz --help",
    )
    assert made.made == []
