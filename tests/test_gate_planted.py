"""`nnxfuzz gate` on real changes of Flax's source: it fails for those that break something."""

import shutil
from pathlib import Path

import flax
import pytest
from commands import process

from nnxfuzz import nnx_api
from nnxfuzz.releases.table import RELEASES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(RELEASES[-1].flax != nnx_api.FLAX, reason="the changes are of the newest"),
]

#: What a checkout asks for, as Flax's own file does.
PROJECT = """
[project]
name = "flax"
version = "{}"
requires-python = ">=3.11"
dependencies = ["jax", "numpy", "optax", "msgpack", "orbax-checkpoint", "tensorstore", "rich",
  "typing_extensions", "PyYAML", "treescope"]
"""

LOOPS, EXTRACT = "nnx/transforms/iteration.py", "nnx/extract.py"

#: Changes that break something: a file, what stands there once, and what stands there then.
BREAKING = {
    "no reverse": (
        LOOPS,
        "        length=length,\n        reverse=reverse,\n        unroll=unroll,\n"
        "        _split_transpose=_split_transpose,\n    )\n    ys, updates",
        "        length=length,\n        unroll=unroll,\n"
        "        _split_transpose=_split_transpose,\n    )\n    ys, updates",
    ),
    "an update is lost": (
        EXTRACT,
        "      in_leaf.update_from_state(out_leaf)\n      return in_leaf",
        "      return in_leaf",
    ),
    "another Variable": (
        LOOPS,
        "    extract.check_same_variables(val_in, out, 'while_loop')\n",
        "",
    ),
    "structures differ": (
        LOOPS,
        "  pure_out = jax.eval_shape(body, lower, pure_init_val)\n"
        "  pure_init_val = _reconsile_index_mapping(pure_init_val, pure_out)\n",
        "",
    ),
}

#: A change that breaks nothing: a function has another name.
HARMLESS = {
    LOOPS: ("check_same_variables", "assert_same_variables"),
    EXTRACT: ("check_same_variables", "assert_same_variables"),
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The installed Flax as a checkout."""
    folder = tmp_path / "flaxco"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(flax.__file__).parent, folder / "flax", ignore=ignored)
    (folder / "pyproject.toml").write_text(PROJECT.format(nnx_api.FLAX))
    return folder


def edit(checkout: Path, file: str, old: str, new: str) -> None:
    path = checkout / "flax" / file
    text = path.read_text()
    assert old in text, file
    path.write_text(text.replace(old, new))


def gate(checkout: Path, programs: int, *words: str) -> tuple[int, str]:
    words = ("gate", "--flax", "flaxco", "--seed", "0", "--programs", str(programs), *words)
    done = process(*words, cwd=checkout.parent)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", BREAKING)
def test_a_change_that_breaks_something_fails(name: str, checkout: Path) -> None:
    edit(checkout, *BREAKING[name])
    code, said = gate(checkout, 300, "--fail-fast")
    assert code == 1, said
    assert "broken by the change: " in said


def test_a_change_that_breaks_nothing_passes(checkout: Path) -> None:
    for file, (old, new) in HARMLESS.items():
        edit(checkout, file, old, new)
    code, said = gate(checkout, 100)
    assert code == 0, said
    assert "the change breaks nothing that the baseline does right" in said
