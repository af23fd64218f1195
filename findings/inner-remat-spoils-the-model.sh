#!/usr/bin/env bash
# Reading a captured module in an inner nnx.jit or nnx.remat leaves a tracer in the caller's module.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A rotary embedding is a module with a table and no parameters. A step that is compiled by nnx.jit has it by closure
#   and calls it in an nnx.remat, as one does with a block that is to be recomputed. Nothing writes to the module. One
#   expects the step to return, and the module to be as it was. nnx.vmap refuses such a module with TraceContextError.
#
#   In the default mode nnx.jit and nnx.remat return the right numbers, and nothing is said. But the caller's module holds
#   a tracer of the step in the place of its table, so the next call of the module fails with UnexpectedTracerError, and
#   no line of the program has written there. With graph_updates=False or graph=False the table stays an array.
#
#   The source: with graph updates the inner transform puts what the function leaves back into the module that it was
#   given. A Variable of an outer trace is refused there, and an array that is an attribute is set, changed or not.
#
# Output seen:
#   inner  mode                 the step           the table afterwards  the module afterwards
#   jit    default              right              a tracer              UnexpectedTracerError
#   jit    graph_updates=False  right              an array              right
#   jit    graph=False          right              an array              right
#   remat  default              right              a tracer              UnexpectedTracerError
#   remat  graph_updates=False  right              an array              right
#   remat  graph=False          right              an array              right
#   vmap   default              TraceContextError  an array              right
#   vmap   graph_updates=False  right              an array              right
#   vmap   graph=False          right              an array              right
#
# Exit code: 0 if the behaviour is as stated, 1 if it has changed, 2 if the script cannot run.

set -euo pipefail

python=""
for name in python3.12 python3.13 python3.14 python3; do
  if "$name" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info < (3, 15))' 2>/dev/null; then
    python=$("$name" -c 'import sys; print(sys.executable)')
    break
  fi
done
if [ -z "$python" ]; then
  echo "This script needs Python 3.12, 3.13 or 3.14, and none of them is on the PATH." >&2
  exit 2
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
import jax.numpy as jnp
from flax import nnx

X = jnp.ones((1, 4))
TABLE = jnp.cos(jnp.arange(4.0))


class Rotary(nnx.Module):
    def __init__(self):
        self.table = TABLE

    def __call__(self, x):
        return x * self.table


INNER = {
    "jit": nnx.jit,
    "remat": nnx.remat,
    "vmap": lambda f, **mode: nnx.vmap(f, in_axes=(None, 0), **mode),
}
MODES = {"default": {}, "graph_updates=False": {"graph_updates": False}, "graph=False": {"graph": False}}


def result(run):
    try:
        return "right" if jnp.allclose(run(), X * TABLE) else "wrong"
    except Exception as error:
        return type(error).__name__


def row(inner, mode):
    rotary = Rotary()

    @nnx.jit(**mode)
    def step(x):
        return INNER[inner](Rotary.__call__, **mode)(rotary, x)

    first = result(lambda: step(X))
    kept = "a tracer" if isinstance(rotary.table, jax.core.Tracer) else "an array"
    return [first, kept, result(lambda: rotary(X))]


seen = {}
for inner in INNER:
    for name, mode in MODES.items():
        seen[inner, name] = row(inner, mode)
        first, kept, then = seen[inner, name]
        print(f"{inner:7}{name:21}{first:19}{kept:22}{then}")

whole = ["right", "an array", "right"]
spoiled = ["right", "a tracer", "UnexpectedTracerError"]
refused = ["TraceContextError", "an array", "right"]
wanted = {(inner, name): whole for inner in INNER for name in MODES}
wanted |= {("jit", "default"): spoiled, ("remat", "default"): spoiled, ("vmap", "default"): refused}
sys.exit(0 if seen == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
