#!/usr/bin/env bash
# A call that nnx.jit refuses empties the model that it names: every attribute of the caller's model is gone.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU. flax 0.12.1 is the first with it.
#
# Behaviour:
#   A function under nnx.jit hands a model that it has by closure to another nnx function (nnx.jit, nnx.scan,
#   nnx.fori_loop). Flax documents that a Variable of an outer trace may not be written there, and refuses with
#   TraceContextError. A refusal should leave the model as it was: one would mend the function and go on.
#
#   The model has no attribute left afterwards: no layers, no parameters, and calling it fails with
#   AttributeError. In graph mode the results are put back into the model by _graph_unflatten
#   (flax/nnx/graphlib.py). It clears the attributes of the object first and fills them in again from a
#   list that it makes by updating each Variable. The first update raises, and what was cleared stays so.
#   graph=False raises the same error and leaves the model whole.
#
# Output seen:
#   before: 6 arrays, attributes ['layers']
#   refused: TraceContextError
#   after: 0 arrays, attributes []
#   graph=False, refused: TraceContextError, after: 6 arrays
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


def new_model():
    return nnx.Sequential(nnx.Linear(2, 3, rngs=nnx.Rngs(0)), nnx.BatchNorm(3, rngs=nnx.Rngs(0)))


def after_refusal(model, **mode):
    """What is raised where a captured model is handed on."""
    inner = nnx.jit(lambda m, x: m(x), **mode)
    try:
        nnx.jit(lambda x: inner(model, x), **mode)(jnp.ones((4, 2)))
    except Exception as error:
        return type(error).__name__
    return "nothing"


def arrays(model):
    return len(jax.tree.leaves(nnx.state(model)))


def attributes(model):
    return [name for name in vars(model) if not name.startswith("_")]


model = new_model()
print(f"before: {arrays(model)} arrays, attributes {attributes(model)}")
print("refused:", after_refusal(model))
left = arrays(model)
print(f"after: {left} arrays, attributes {attributes(model)}")
other = new_model()
raised = after_refusal(other, graph=False)
print(f"graph=False, refused: {raised}, after: {arrays(other)} arrays")
sys.exit(0 if (left, arrays(other)) == (0, 6) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
