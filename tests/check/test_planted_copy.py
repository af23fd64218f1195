"""Bugs planted in the source of a copy of Flax are reported at the line of a user's script."""

import json
import os
import shutil
from pathlib import Path

import flax
import pytest
from test_command import check

pytestmark = pytest.mark.slow

#: A program that is right, and whose calls are at the lines that say so.
TRAIN = """\
import jax
import jax.numpy as jnp
from flax import nnx

class Layer(nnx.Module):
    def __init__(self):
        self.n = nnx.Variable(jnp.zeros(3))
        self.rngs = nnx.Rngs(0)

def count(layer, x):
    layer.n.value = layer.n.value + x
    return layer.n.value

def draw(layer, x):
    return layer, jax.random.uniform(layer.rngs()) + x

def both(one, other):
    count(one, 1.0)
    return other.n.value

lanes = Layer()
del lanes.rngs
nnx.vmap(count)(lanes, jnp.ones(3))  # vmap

draws = nnx.scan(draw, in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))
draws(Layer(), jnp.ones(3))  # scan

tied = Layer()
nnx.cond(jnp.array(True), both, lambda one, other: other.n.value, tied, tied)  # cond
"""

#: What is put around the call of the body, so that some Variables hold afterwards what they held.
PUT_BACK = """\
    from flax import nnx as planted
    held = [v for arg in args for _, v in planted.iter_graph(arg) if isinstance(v, planted.{kind})]
    held = [(v, v.value) for v in held]
    out = self.f(*args)
    for variable, value in held:
      variable.value = value
"""

#: By transform: the file, the place in it, the text there, and what stands there in the copy.
PLANTED = {
    "vmap": (
        "iteration.py",
        "class VmapFn:",
        "    out = self.f(*args)\n",
        PUT_BACK.format(kind="Variable"),
    ),
    "scan": (
        "iteration.py",
        "class ScanFn:",
        "    out = self.f(*args)\n",
        PUT_BACK.format(kind="RngCount"),
    ),
    "cond": (
        None,
        "\ndef cond(",
        "  if not graph or not graph_updates:\n",
        "  from flax import nnx as planted\n"
        "  operands = (*operands[:-1], planted.clone(operands[-1]))\n"
        "  if not graph or not graph_updates:\n",
    ),
}

#: What the report says of each.
TOLD = {
    "vmap": "layer.n is off by up to 1",
    "scan": "default.count is 3 in Python, 0 with Flax",
    "cond": "result is off by up to 1",
}


def line_of(transform: str) -> int:
    return next(k for k, s in enumerate(TRAIN.splitlines(), 1) if s.endswith(f"# {transform}"))


def plant(copy: Path, transform: str) -> bool:
    """Put a bug into a transform of a copy of Flax, if this release has it written so."""
    file, place, old, new = PLANTED[transform]
    sources = sorted((copy / "nnx" / "transforms").glob(file or "*.py"))
    path = next(p for p in sources if place in p.read_text())
    before, found, after = path.read_text().partition(place)
    if old in after:
        # The last definition counts: those before it are overloads.
        path.write_text(before + found + after.replace(old, new, 1))
    return old in after


def test_each_planted_bug_is_reported_at_its_line_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    copy = shutil.copytree(Path(flax.__file__).parent, tmp_path / "copy" / "flax")
    planted = {transform for transform in PLANTED if plant(copy, transform)}
    if not planted:
        pytest.skip("the transforms are written otherwise in this release")
    path = os.pathsep.join([str(copy.parent), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", path)
    done = check(tmp_path, "--json", "--no-save", "train.py")
    assert done.returncode == 1, done.stderr
    sites = json.loads(done.stdout.splitlines()[-1])["sites"]
    wrong = [
        (site["transform"], site["line"], verdict)
        for site in sites
        for found in site["verdicts"].values()
        for verdict in found
        if verdict["kind"] != "same"
    ]
    assert {name for name, _, _ in wrong} == planted and len(wrong) == len(planted)
    for name, line, verdict in wrong:
        assert (line, verdict["kind"]) == (line_of(name), "different")
        assert TOLD[name] in " ".join(verdict["lines"])


def test_without_a_bug_all_is_well(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    done = check(tmp_path, "train.py")
    assert done.returncode == 0, done.stdout
    assert "3 calls: 3 same" in done.stdout
    assert not (tmp_path / "finds").exists()
