#!/usr/bin/env bash
# nnx.grad for two arguments that are one module gives all to the first and an empty State to the second.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   An encoder that is called as two arguments of a loss, as in contrastive learning with one tower, has a
#   gradient for each of its two uses. jax.grad(argnums=(0, 1)) of f(w, w) gives the two parts, and each has
#   the structure of w.
#
#   nnx.grad(loss, argnums=(0, 1))(tower, tower) gives the sum of both to the first and a State without any
#   entry to the second. Graph mode finds the second module to be the first one, and a gradient has each
#   Variable once (flax/nnx/transforms/autodiff.py). Code that treats the two alike meets an empty tree.
#   With graph_updates=False both get the whole sum, so that their sum is twice the gradient.
#
# Output seen:
#   jax.grad of two equal arrays:         [3.0] [5.0]
#   nnx.grad of one module, default:      [8.0] []
#   nnx.grad of one module, no updates:   [8.0] [8.0]
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


class Tower(nnx.Module):
    def __init__(self):
        self.w = nnx.Param(jnp.array(2.0))


def loss(a, b):
    return a.w[...] * 3 + b.w[...] * 5


def parts(grads):
    return [[float(leaf) for leaf in jax.tree.leaves(grad)] for grad in grads]


w = jnp.array(2.0)
plain = parts(jax.grad(lambda a, b: a * 3 + b * 5, argnums=(0, 1))(w, w))
tower = Tower()
graph = parts(nnx.grad(loss, argnums=(0, 1))(tower, tower))
frozen = parts(nnx.grad(loss, argnums=(0, 1), graph=True, graph_updates=False)(tower, tower))
print("jax.grad of two equal arrays:        ", *plain)
print("nnx.grad of one module, default:     ", *graph)
print("nnx.grad of one module, no updates:  ", *frozen)
sys.exit(0 if (plain, graph, frozen) == ([[3.0], [5.0]], [[8.0], []], [[8.0], [8.0]]) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
