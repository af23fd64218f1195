#!/usr/bin/env bash
# A model that is donated by name loses the Variables that the step does not write, if it is passed by position.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A step trains one layer of a model, and keeps another as it is. It is compiled with donate_argnames="model", as the
#   docstring of nnx.jit does in an example, and called as step(model, x). jax takes the name and the position for the same
#   argument, and so does that docstring. One expects both layers afterwards: the new one, and the old one.
#
#   With graph_updates=False (or graph=False) the layer that was not written is a deleted array: reading it fails with
#   RuntimeError. step(model=model, x=x) keeps it, and so does donate_argnums=0 by position; donate_argnums=0 with
#   model=model loses it. The default mode keeps it in each case. Nothing warns.
#
#   The source: without graph updates only the Variables that were written come back. The wrapper of nnx.jit hands out the
#   others as well if they were donated (`keep_fn` in flax/nnx/transforms/compilation.py), but looks for a position among
#   donate_argnums alone, and for a name among donate_argnames alone.
#
# Output seen:
#                                         step(model, x)   step(model=model, x=x)
#   default              donate_argnames  [2.0, 2.0, 2.0]  [2.0, 2.0, 2.0]
#   default              donate_argnums   [2.0, 2.0, 2.0]  [2.0, 2.0, 2.0]
#   graph_updates=False  donate_argnames  deleted          [2.0, 2.0, 2.0]
#   graph_updates=False  donate_argnums   [2.0, 2.0, 2.0]  deleted
#   graph=False          donate_argnames  deleted          [2.0, 2.0, 2.0]
#   graph=False          donate_argnums   [2.0, 2.0, 2.0]  deleted
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

import jax.numpy as jnp
from flax import nnx

MODES = {"default": {}, "graph_updates=False": {"graph_updates": False}, "graph=False": {"graph": False}}
DONATED = {"donate_argnames": "model", "donate_argnums": 0}


class Model(nnx.Module):
    def __init__(self):
        self.trained = nnx.Param(jnp.ones(3))
        self.frozen = nnx.Param(jnp.full(3, 2.0))


def step(model, x):
    model.trained[...] = model.trained[...] - x
    return jnp.sum(model.trained[...] * model.frozen[...])


def frozen_after(mode, donated, by_name):
    model = Model()
    compiled = nnx.jit(step, **{donated: DONATED[donated]}, **mode)
    returned = compiled(model=model, x=2.0) if by_name else compiled(model, 2.0)
    assert float(returned) == -6.0 and model.trained[...].tolist() == [-1.0] * 3
    try:
        return str(model.frozen[...].tolist())
    except RuntimeError:
        return "deleted"


seen = {}
print(f"{'':21}{'':17}step(model, x)   step(model=model, x=x)")
for name, mode in MODES.items():
    for donated in DONATED:
        pair = [frozen_after(mode, donated, by_name) for by_name in (False, True)]
        seen[name, donated] = pair
        print(f"{name:21}{donated:17}{pair[0]:17}{pair[1]}")

kept, gone = "[2.0, 2.0, 2.0]", "deleted"
wanted = {(name, donated): [kept, kept] for name in MODES for donated in DONATED}
for name in ("graph_updates=False", "graph=False"):
    wanted[name, "donate_argnames"] = [gone, kept]
    wanted[name, "donate_argnums"] = [kept, gone]
sys.exit(0 if seen == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
