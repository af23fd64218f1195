"""What the README shows is what happens."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from clean_loops import clean_loops, decidable
from commands import Run, runner
from corpus_runs import applicable, fails_here

from nnxfuzz import nnx_api, strategies
from nnxfuzz.cli import cli
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.strategies import programs as drawn

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
CONSOLE = "".join(re.findall(r"```console\n(\$ nnxfuzz (?:show|script) .*?)```", README, re.DOTALL))
ENTRY = ROOT / re.findall(r"corpus/\S+[.]json", CONSOLE)[0]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


def shown(command: str) -> list[str]:
    """What stands below a command, up to where it is cut short."""
    text = CONSOLE.partition(f"$ {command}")[2].partition("\n")[2].partition("$ ")[0]
    lines = text.splitlines()
    return lines[: lines.index("    ...")] if "    ..." in lines else lines


def test_the_entry_is_shown_as_the_readme_has_it(run: Run) -> None:
    lines = shown("nnxfuzz show")
    assert run("show", ENTRY)[1].splitlines()[: len(lines)] == lines


def test_its_script_says_what_the_readme_has(run: Run, tmp_path: Path) -> None:
    entry = corpus.load(ENTRY)
    applicable(entry)
    if not fails_here(entry):
        pytest.skip("the installed release has it mended")
    file = tmp_path / "bug.py"
    file.write_text(run("script", ENTRY)[1])
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()) == (1, shown("python bug.py"))


def test_its_property_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """On loops without a bug: the installed Flax has some, and the property finds them."""
    monkeypatch.setattr(nnx_api, "transforms", clean_loops)
    monkeypatch.setattr(strategies, "programs", lambda: drawn().filter(decidable))
    names: dict[str, object] = {}
    exec(README.partition("```python\n")[2].partition("```")[0], names)
    names["test_while_loop_without_graph_updates"]()  # type: ignore[operator]


def test_every_command_and_option_that_it_names_is_there() -> None:
    asked = re.findall(r"`nnxfuzz (\w+)([^`]*)`", README)
    assert len(asked) > 10
    for name, rest in asked:
        command = cli.commands[name]
        options = {word for parameter in command.params for word in parameter.opts}
        options |= {word for parameter in command.params for word in parameter.secondary_opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options, name
        assert isinstance(command, click.Command)
