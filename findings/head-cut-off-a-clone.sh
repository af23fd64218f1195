#!/usr/bin/env bash
# With Flax 0.12.3, cutting the head off a clone takes the head of the original away from jax.
#
# Date: 2026-11-30
#
# Versions: flax 0.12.3, jax 0.8.3, jaxlib 0.8.3, Python 3.12, CPU. Flax 0.12.2 and 0.12.4 do not do it.
#
# Behaviour:
#   One takes a clone of a trained model and deletes its head, to have the features alone:
#   features = nnx.clone(model); del features.head. The original is another object and keeps its head: it
#   can be called, and nnx.state(model) has four arrays.
#
#   To jax the original has two arrays from then on. jax.tree.leaves(model) leaves the head out, and jax.grad
#   of a loss that goes through the head returns no gradient of it, without an error. The head is not trained.
#
#   A module notes which of its attributes are data in a mapping, _pytree__nodes. nnx.clone gives the copy the
#   same mapping, and Pytree.__delattr__ of 0.12.3 (flax/nnx/pytreelib.py) deletes the name from it in place.
#   0.12.4 makes a new mapping. A transform gives its function such copies, too, so a function that deletes
#   something and is refused then leaves the caller's module so.
#
# Output seen:
#   arrays of the model: 4
#   arrays of the model after the clone has lost its head: 2
#   arrays that nnx.state finds in it: 4
#   the model has its head: True
#   gradients by jax.grad: 2
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
packages=('flax==0.12.3' 'jax==0.8.3' 'jaxlib==0.8.3')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

import jax
import jax.numpy as jnp
from flax import nnx

warnings.filterwarnings("ignore")


class Net(nnx.Module):
    def __init__(self):
        self.body = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
        self.head = nnx.Linear(2, 1, rngs=nnx.Rngs(1))


def loss(model):
    return jnp.sum(model.head(model.body(jnp.ones((1, 2)))))


model = Net()
before = len(jax.tree.leaves(model))
features = nnx.clone(model)
del features.head
after = len(jax.tree.leaves(model))
state = len(jax.tree.leaves(nnx.state(model)))
gradients = len(jax.tree.leaves(jax.grad(loss)(model)))
print(f"arrays of the model: {before}")
print(f"arrays of the model after the clone has lost its head: {after}")
print(f"arrays that nnx.state finds in it: {state}")
print(f"the model has its head: {hasattr(model, 'head')}")
print(f"gradients by jax.grad: {gradients}")
sys.exit(0 if (before, after, state, gradients) == (4, 2, 4, 2) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
