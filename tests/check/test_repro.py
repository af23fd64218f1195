"""Findings of users as scripts: what is carried, made smaller, confirmed, shown."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_command import check

from nnxfuzz import nnx_api
from nnxfuzz.checker.repro.draft import Array, Atom, Draft, Made
from nnxfuzz.checker.repro.smaller import is_same, smaller

TREE = pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")

#: A program whose loop takes two names of one Variable apart, with things around it that carrying
#: has to cope with: decorators, closures, globals, a lambda, an optimizer, keys.
LOST = """\
import functools
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

RATE = np.float32(0.5)

def plus(x):
    return x + RATE

@nnx.jit
def scaled(x):
    return plus(x) * 2

class Tied(nnx.Module):
    def __init__(self, rngs):
        self.embed = nnx.Embed(6, 4, rngs=rngs)
        self.readout = self.embed
        self.act = jax.nn.relu
        self.unused = nnx.Linear(4, 4, rngs=rngs)

def main(trips):
    def make(scale):
        def body(i, carry):
            model, optimizer = carry
            value = model.embed.embedding
            value[...] = scaled(value[...]) * scale
            return carry
        return body
    model = Tied(nnx.Rngs(0))
    optimizer = nnx.Optimizer(model, optax.adam(0.1), wrt=nnx.Param)
    nnx.fori_loop(0, trips, make(0.5), (model, optimizer), graph=False)

main(3)
"""

#: A loop that is right, but for a Flax that the program has broken: no script carries that.
BROKEN_FLAX = """\
import jax.numpy as jnp
from flax.nnx import extract
extract.apply_updates = lambda variables, updates: None
from flax import nnx

def step(n):
    n[...] = n[...] + 1

nnx.jit(step, graph_updates=False)(nnx.Variable(jnp.array(0)))
"""

#: A function that a script cannot carry.
NONLOCAL = """\
import jax.numpy as jnp
from flax import nnx

def main():
    count = 0
    v = nnx.Variable(jnp.array(0))
    def body(i, carry):
        nonlocal count
        count = 1
        carry[0][...] = carry[0][...] + 1
        return carry
    nnx.fori_loop(0, 1, body, (v, v), graph=False)

main()
"""


#: A body in the wrapper of a decorator of the user's, a default, and a member of an enum.
WRAPPED = """\
import enum
import functools
import jax.numpy as jnp
from flax import nnx

class Act(enum.Enum):
    RELU = "relu"

SCALES = {Act.RELU: 2.0}

def counted(f):
    @functools.wraps(f)
    def wrapper(i, carry):
        carry[0][...] = carry[0][...] + 1
        return f(i, carry)
    return wrapper

def main():
    act = Act.RELU
    @counted
    def body(i, carry, *, act=act):
        carry[1][...] = carry[1][...] * SCALES[act]
        return carry
    v = nnx.Variable(jnp.array(1.0))
    nnx.fori_loop(0, 1, body, (v, v), graph=False)

main()
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The script that a check of LOST saves, and the report."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "train.py").write_text(LOST)
    done = check(folder, "--json", "train.py")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    (path,) = (folder / "finds").iterdir()
    return path, report


def nnxfuzz(*words: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nnxfuzz", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True)


@TREE
def test_a_finding_is_saved_and_shows_alone(saved: tuple[Path, Any], tmp_path: Path) -> None:
    path, report = saved
    assert path.name.startswith("different-fori-loop-tree-")
    assert report["saved"] == [f"saved finds/{path.name}: nnx.fori_loop, tree, of train.py:34"]
    done = subprocess.run([sys.executable, path, "--json"], cwd=tmp_path, capture_output=True)
    assert done.returncode == 1
    (site,) = json.loads(done.stdout)["sites"]
    ((mode, (verdict,)),) = site["verdicts"].items()
    ((_, (wanted,)),) = report["sites"][0]["verdicts"].items()
    assert (mode, site["transform"], verdict["kind"]) == ("tree", "fori_loop", "different")
    assert verdict["paths"] == wanted["paths"] == ["carry[0].embed", "carry[0].readout"]


@TREE
def test_the_script_has_the_users_source_and_less_than_was_there(saved: tuple[Path, Any]) -> None:
    text = saved[0].read_text()
    assert "@nnx.jit\ndef scaled(x):\n    return plus(x) * 2\n" in text
    assert "def body(i, carry):" in text
    assert "scale = 0.5" in text
    assert "nnx.fori_loop(\n        0,\n        1,\n        body" in text, (
        "of three trips one is left"
    )
    assert "unused=" not in text
    assert "0.0" in text or "1.0" in text


@pytest.mark.slow
@TREE
def test_the_script_has_the_wrapper_of_a_decorator(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WRAPPED)
    done = check(tmp_path, "train.py")
    assert done.returncode == 1, done.stderr
    assert "\nsaved finds/different-fori-loop-tree-" in done.stdout, done.stdout
    (path,) = (tmp_path / "finds").iterdir()
    text = path.read_text()
    assert "def wrapper(i, carry):" in text
    assert "default_act = Act.RELU" in text
    assert "def body(i, carry, *, act=default_act):" in text


@TREE
def test_show_and_script_work_on_it(saved: tuple[Path, Any]) -> None:
    path, _ = saved
    shown = nnxfuzz("show", path)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("nnx.fori_loop, tree: different.\n\nA finding of nnxfuzz check.")
    assert "train.py:34" in shown.stdout and "def body(i, carry):" in shown.stdout
    assert nnxfuzz("script", path).stdout == path.read_text()


@TREE
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "--svg", "-"), "is a script, of which there is no drawing; leave out --svg"),
        (("script", "--style", "absltest"), "is a script, of which no test is made; leave out"),
    ],
)
def test_what_cannot_be_done_with_it_is_a_sentence(
    saved: tuple[Path, Any], words: tuple[str, ...], told: str
) -> None:
    done = nnxfuzz(*words, saved[0])
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("text", ["print(1)\n", "def f(:\n"])
def test_another_program_is_no_finding(text: str, tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(text)
    done = nnxfuzz("show", tmp_path / "p.py")
    assert done.returncode == 2
    assert "is no script that nnxfuzz check has saved; name one" in done.stderr


@pytest.mark.slow
@TREE
def test_what_does_not_show_again_is_not_saved(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(BROKEN_FLAX)
    done = check(tmp_path, "train.py")
    assert done.returncode == 1
    told = "no script of train.py:9 nnx.jit, graph-frozen: alone, in a new process, "
    told += "the call comes to same"
    assert told in done.stdout
    assert not (tmp_path / "finds").exists()


@pytest.mark.slow
@TREE
def test_what_cannot_be_carried_is_told(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(NONLOCAL)
    done = check(tmp_path, "train.py")
    assert "fori_loop, tree: body writes to a variable of the function around it" in done.stdout
    assert not (tmp_path / "finds").exists()


# --- making it smaller ----------------------------------------------------------------------

FAILURE = {
    "transform": "scan",
    "mode": "tree",
    "kind": "different",
    "told": "a is 1 in Python, 0 with Flax",
    "paths": ["a", "b"],
    "aspects": ["value"],
    "lines": ["a is 1 in Python, 0 with Flax", "b is off by up to 2"],
}

OTHERS: dict[str, dict[str, Any]] = {
    "another kind": {"kind": "internal error"},
    "another mode": {"mode": "graph"},
    "another transform": {"transform": "vmap"},
    "not the first place": {"paths": ["b"]},
    "one more place": {"paths": ["a", "c"], "lines": ["a is 1 in Python, 0 with Flax", "c is 1"]},
    "no place": {"paths": []},
    "another aspect": {"aspects": ["not finite"]},
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_failure_is_not_the_same(name: str) -> None:
    assert not is_same(FAILURE, {**FAILURE, **OTHERS[name]})


def test_fewer_places_are_the_same_failure() -> None:
    assert is_same(FAILURE, {**FAILURE, "paths": ["a"], "lines": ["a is 3 in Python, 2 with Flax"]})


def test_an_error_is_the_same_whatever_the_sizes() -> None:
    error = {"transform": "scan", "mode": "tree", "kind": "internal error", "told": "KeyError: 12"}
    assert is_same(error, {**error, "told": "KeyError: 3"})
    assert not is_same(error, {**error, "told": "IndexError: 3"})


def test_what_the_failure_does_not_need_goes() -> None:
    def array(*shape: int) -> Array:
        return Array("jnp", "float32", shape, bytes(4 * shape[0] * shape[1])).with_numbers(
            [[k + j for j in range(shape[1])] for k in range(shape[0])]
        )

    node = Made("new(", (None, "a=", "b="), (Atom("Model"), array(5, 3), array(5, 2)))
    draft = Draft((), (), Made("nnx.fori_loop(", (None, None, None), (Atom("0"), Atom("7"), node)))

    def shows(tried: Draft) -> bool:
        held = [e for e in tried.expressions() if isinstance(e, Array)]
        return any(e.shape[0] >= 2 and (e.numbers != 0).any() for e in held)

    got = smaller(draft, shows)
    assert isinstance(got.call, Made)
    assert got.call.items[1] == Atom("1")
    (left,) = [e for e in got.expressions() if isinstance(e, Array)]
    assert left.shape in ((2, 1), (2, 2))
    assert (left.numbers == 1).all()
