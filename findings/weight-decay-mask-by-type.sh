#!/usr/bin/env bash
# A weight decay mask that asks for the type of a Variable protects nothing in nnx.Optimizer.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   NNX marks parameters by the type of their Variable, and optax takes a function of the parameters as the
#   mask of adamw. A function that returns False for a class NoDecay is the natural way to keep scales and
#   embeddings out of the decay.
#
#   All parameters decay. nnx.Optimizer (flax/nnx/training/optimizer.py) gives the Variables to tx.init, and
#   in each update the arrays alone, since it calls nnx.as_pure first. The mask is asked both times, and the
#   answer of the update counts, where no leaf is a NoDecay. The decay has no state, so that nothing fits
#   badly and nothing raises. optax.multi_transform with labels by type, sgd for LoRAParam and set_to_zero
#   for the rest trains nothing in the same way; with adam, whose state was made for the right labels, it
#   raises. The paths differ, too: they end in .value in tx.init and not in the update. A mask that is
#   computed once and handed over as a tree works.
#
# Output seen:
#   types that the mask sees: ['NoDecay', 'Param'] ['ArrayImpl']
#   function: kernel 0.9, scale 0.9
#   tree:     kernel 0.9, scale 1.0
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

import jax
import jax.numpy as jnp
import optax
from flax import nnx


class NoDecay(nnx.Param):
    pass


class Model(nnx.Module):
    def __init__(self):
        self.kernel = nnx.Param(jnp.ones(2))
        self.scale = NoDecay(jnp.ones(2))


def mask(params):
    asked.append(sorted({type(p).__name__ for p in jax.tree.leaves(params, is_leaf=is_variable)}))
    return jax.tree.map(lambda p: not isinstance(p, NoDecay), params, is_leaf=is_variable)


def is_variable(x):
    return isinstance(x, nnx.Variable)


def train(mask):
    model = Model()
    tx = optax.adamw(0.1, weight_decay=1.0, mask=mask)
    optimizer = nnx.Optimizer(model, tx, wrt=nnx.Param)
    optimizer.update(model, jax.tree.map(jnp.zeros_like, nnx.state(model, nnx.Param)))
    return float(model.kernel[0]), float(model.scale[0])


asked = []
by_function = train(mask)
print("types that the mask sees:", *asked)
print("function: kernel %.1f, scale %.1f" % by_function)
tree = nnx.as_pure(mask(nnx.state(Model(), nnx.Param)))
by_tree = train(tree)
print("tree:     kernel %.1f, scale %.1f" % by_tree)
ok = abs(by_function[1] - 0.9) < 1e-6 and by_tree[1] == 1.0 and by_tree[0] < 1
sys.exit(0 if ok else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
