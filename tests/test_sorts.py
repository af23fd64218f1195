"""The script of a find shows of which sort an array is: of jax, on which device, of a weak type."""

import functools
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flax.nnx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nnxfuzz.checker.generated import examine
from nnxfuzz.oracle.verdict import Finding
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls.data import Block, Call, CallProgram, Place, Read
from nnxfuzz.programs.case import Arm
from nnxfuzz.report.calls import script

#: What is made of an array that comes back, as source.
FAULTS = {
    "of numpy": "np.asarray(x)",
    "on another device": "jax.device_put(x, jax.devices()[1])",
    "of a type that is not weak": "jnp.asarray(np.asarray(x))",
}

PROGRAM = CallProgram(
    Call("jit", "y", {}, (Read(Place("x")),), (Block(("p",), (), (Read(Place("p")),)),)),
    objects={"x": c.OfArray(c.Array())},
)


@pytest.mark.parametrize("sort", FAULTS)
def test_a_script_shows_of_which_sort_an_array_is(sort: str, tmp_path: Path) -> None:
    if sort == "on another device" and jax.device_count() < 2:
        pytest.skip("there is one device here")
    made = f"jax.tree.map(lambda x: {FAULTS[sort]}, real(f, **words)(*args))"
    patch = f"lambda f, **words: functools.wraps(f)(lambda *args: {made})"
    names: dict[str, Any] = {"jax": jax, "jnp": jnp, "np": np, "functools": functools}
    names["real"] = flax.nnx.jit
    planted = SimpleNamespace(**vars(flax.nnx) | {"jit": eval(patch, names)})
    seen = examine(PROGRAM, Arm("jit", "graph"), planted)  # type: ignore[arg-type]
    assert isinstance(seen, Finding)
    text = script(PROGRAM, Arm("jit", "graph"), seen, "Planted")  # type: ignore[arg-type]
    needed = "import functools\nimport jax\nimport jax.numpy as jnp\nimport numpy as np\n"
    planted_text = f"{needed}real = nnx.jit\nnnx.jit = {patch}\n\n\ndef objects"
    faulty = text.replace("def objects", planted_text, 1)
    for number, code in enumerate((text, faulty)):
        path = tmp_path / f"bug{number}.py"
        path.write_text(code)
        done = subprocess.run(
            [sys.executable, path],
            env=os.environ | {"XLA_FLAGS": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == number, done.stdout + done.stderr
