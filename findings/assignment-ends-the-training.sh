#!/usr/bin/env bash
# model.kernel = model.kernel * 0.5 takes the kernel out of the training, and nothing tells.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   A layer gets a smaller kernel before it is trained on. The attribute reads like an array, model.kernel * 0.5 is an
#   array, and the assignment is accepted; the model predicts what it should. NNX raises an error for model.kernel *=
#   0.5. One expects an error, or a parameter with a new value.
#
#   The attribute is a plain array from then on, and no Param. nnx.state(model, nnx.Param) and nnx.grad leave it out,
#   nnx.Optimizer trains the rest, and the loss stays at 4 where 0 is within reach. Module.__setattr__ has seen that
#   the old value was a Param and replaces it. An optimizer with a state that was made before, such as adam, raises in
#   its update; plain sgd, and each optimizer that is made afterwards, does not. A checkpoint of the Params has no
#   kernel. model.kernel[...] = model.kernel * 0.5 is the way.
#
# Output seen:
#                                                nnx.Param         loss    kernel moved by
#   unchanged                                    bias, kernel     0.0000       2.86
#   model.kernel[...] = model.kernel * 0.5       bias, kernel     0.0000       2.68
#   model.kernel = model.kernel * 0.5            bias             4.0885       0.00
#   the same after the optimizer is made         bias             4.0885       0.00
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'optax==0.2.8')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import optax
from flax import nnx


def loss(model, x, y):
    return ((model(x) - y) ** 2).mean()


@nnx.jit
def step(model, optimizer, x, y):
    value, gradients = nnx.value_and_grad(loss)(model, x, y)
    optimizer.update(model, gradients)
    return value


def rescale(model):
    """A smaller kernel, as for a new head."""
    model.kernel = model.kernel * 0.5


def rescale_inside(model):
    model.kernel[...] = model.kernel * 0.5


def train(change, after):
    """The names of the parameters, the loss after 500 steps, and how far the kernel has moved."""
    model = nnx.Linear(3, 1, rngs=nnx.Rngs(0))
    if not after:
        change(model)
    optimizer = nnx.Optimizer(model, optax.sgd(0.1), wrt=nnx.Param)
    if after:
        change(model)
    x = jnp.eye(3)
    y = jnp.array([[1.0], [-2.0], [3.0]])
    before = jnp.array(model.kernel[...])
    for _ in range(500):
        value = step(model, optimizer, x, y)
    moved = jnp.abs(model.kernel[...] - before).max()
    return sorted(nnx.state(model, nnx.Param)), float(value), float(moved)


seen = {}
print("                                             nnx.Param         loss    kernel moved by")
for text, change, after in (
    ("unchanged", lambda model: None, False),
    ("model.kernel[...] = model.kernel * 0.5", rescale_inside, False),
    ("model.kernel = model.kernel * 0.5", rescale, False),
    ("the same after the optimizer is made", rescale, True),
):
    names, value, moved = seen[text] = train(change, after)
    print(f"{text:40}     {', '.join(names):14} {value:8.4f} {moved:10.2f}")
rows = list(seen.values())
fine = all(names == ["bias", "kernel"] and value < 1e-3 and moved > 0.5 for names, value, moved in rows[:2])
lost = all(names == ["bias"] and value > 1 and moved == 0 for names, value, moved in rows[2:])
sys.exit(0 if fine and lost else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
