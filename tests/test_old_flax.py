"""The bugs that started it: google/flax #4436 and #4522, found on 0.10.2 and gone on 0.10.3."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.programs.case import Case
from nnxfuzz.releases.elsewhere import Installation, environ
from nnxfuzz.releases.environments import default_cache
from nnxfuzz.releases.table import environment

pytestmark = pytest.mark.slow

#: Within how many programs both bugs have to be found.
PROGRAMS = 80

#: Where each loop raises (issues 4436 and 4522); an inner loop of a body may raise elsewhere.
WHERE = {
    "fori_loop": "ValueError in ForiLoopBodyFn.__call__",
    "while_loop": "ValueError in WhileLoopBodyFn.__call__",
}


@pytest.fixture(scope="module")
def bad() -> Path:
    return environment("0.10.2")


@pytest.fixture(scope="module")
def good() -> Path:
    return environment("0.10.3")


def run(python: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-P", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=environ(Installation(str(python)), default_cache()),
        timeout=900,
    )


@pytest.mark.parametrize("seed", range(5))
def test_two_distinct_modules_are_found_and_shrunk(
    seed: int, bad: Path, good: Path, tmp_path: Path
) -> None:
    options = ("--programs", str(PROGRAMS), "--seed", str(seed), "--json", "events.jsonl")
    loops = ("--transforms", "fori_loop,while_loop", "--corpus", "none")
    done = run(bad, "-m", "nnxfuzz", "fuzz", *options, *loops, folder=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    found = {
        entry.arm.transform: path
        for path in corpus.entries([tmp_path / "finds"])
        if isinstance((entry := corpus.load(path)).case, Case)
        and entry.signature.kind == "spurious-refusal"
        and entry.arm.wrapper == "plain"
        and entry.signature.where == WHERE.get(entry.arm.transform)
    }
    assert found.keys() == WHERE.keys()
    end = json.loads((tmp_path / "events.jsonl").read_text().splitlines()[-1])
    assert end["is"] == "end"
    assert end["statistics"]["programs"] == PROGRAMS
    for path in found.values():
        case = corpus.load(path).case
        assert isinstance(case, Case)
        assert len(case.nodes) + len(case.variables) == 2
        assert not case.body
        script = run(bad, "-m", "nnxfuzz", "script", str(path), folder=tmp_path)
        (tmp_path / "bug.py").write_text(script.stdout)
        assert run(bad, "bug.py", folder=tmp_path).returncode == 1
        assert run(good, "bug.py", folder=tmp_path).returncode == 0


def test_a_release_that_is_not_known_is_one_sentence(tmp_path: Path) -> None:
    code = "from nnxfuzz.releases.table import environment; environment('9.9.9')"
    done = run(Path(sys.executable), "-c", code, folder=tmp_path)
    assert "flax 9.9.9 is not a release that nnxfuzz knows; name a range such as" in done.stderr


#: A program and what `check` says of its one call on 0.10.1.
REFUSED = {
    "m.bad = x": "`m.bad`, and no Variable holds it (documented: array-attribute)",
    "x.sum().item()": "needs the number of a traced array",
}


@pytest.mark.parametrize("statement", REFUSED)
def test_check_explains_what_the_oldest_release_refuses(statement: str, tmp_path: Path) -> None:
    transform = "jit" if "bad" in statement else "remat"
    (tmp_path / "program.py").write_text(
        f"""
import jax.numpy as jnp
from flax import nnx

def f(m, x):
    {statement}

try:
    nnx.{transform}(f)(nnx.Linear(2, 2, rngs=nnx.Rngs(0)), jnp.ones(2))
except Exception:
    pass
"""
    )
    done = run(environment("0.10.1"), "-m", "nnxfuzz", "check", "program.py", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert REFUSED[statement] in " ".join(done.stdout.split())


#: Programs that 0.12.6, the first release with `graph_updates=False`, refuses in words that no
#: other one has, and what `check` says of each.
IN_ITS_OWN_WORDS = {
    """
own = nnx.custom_vjp(bumped, graph_updates=False)
own.defvjp(lambda m: (bumped(m), None), lambda res, g: (g,))
own(nnx.Param(jnp.ones(2)))
""": "(documented: written-in-custom-vjp)",
    """
shared = nnx.Param(jnp.ones(2))
nnx.jit_partial(lambda pair: None, nnx.List([shared, shared]), graph=False)()
""": "(documented: shared-argument)",
    """
shared = nnx.Param(jnp.ones(2))
pair = nnx.List([shared, shared])
nnx.scan(lambda pair: pair, in_axes=(nnx.Carry,), out_axes=nnx.Carry, length=1, graph=False)(pair)
""": "(documented: shared-argument)",
}


@pytest.mark.parametrize("statements", IN_ITS_OWN_WORDS)
def test_check_explains_what_the_first_release_without_graph_updates_refuses(
    statements: str, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(
        f"""
import contextlib
import jax.numpy as jnp
from flax import nnx

def bumped(m):
    m[...] += 1
    return m[...].sum()

with contextlib.suppress(ValueError):
{textwrap.indent(statements, "    ")}
"""
    )
    done = run(environment("0.12.6"), "-m", "nnxfuzz", "check", "program.py", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert IN_ITS_OWN_WORDS[statements] in " ".join(done.stdout.split())


def test_a_run_on_the_first_release_without_graph_updates_tells_nothing_new(
    tmp_path: Path,
) -> None:
    """All that a scan loses there is known, and no refusal in its own words is taken for a bug."""
    options = ("--programs", "150", "--seed", "77", "--no-resume", "--finds", "finds")
    done = run(environment("0.12.6"), "-m", "nnxfuzz", "fuzz", *options, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " known" in done.stdout
