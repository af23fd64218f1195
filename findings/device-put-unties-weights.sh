#!/usr/bin/env bash
# jax.device_put of a model unties its weights, and training then moves them apart.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   A module is a pytree, and jax.device_put, jax.jit and jax.tree.map give back a module of its class. One
#   expects them to give back a model of the same meaning, as nnx.jit, nnx.clone, copy.deepcopy and a split
#   with a merge do.
#
#   A weight that is under two names comes back as two Variables. A pytree has no shared nodes, so the
#   flattening of a Module (flax/nnx/pytreelib.py) visits the weight twice. The outputs are the same at
#   first. The tied embedding of a language model that was moved to a device so has more parameters, and the
#   two copies drift apart in training without an error.
#
# Output seen:
#   jax.device_put  parameters 24, apart after a step: True
#   jax.jit         parameters 24, apart after a step: True
#   jax.tree.map    parameters 24, apart after a step: True
#   nnx.jit         parameters 12, apart after a step: False
#   nnx.clone       parameters 12, apart after a step: False
#   copy.deepcopy   parameters 12, apart after a step: False
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
import copy
import sys

import jax
import jax.numpy as jnp
import optax
from flax import nnx


class Tied(nnx.Module):
    def __init__(self, rngs):
        self.embed = nnx.Embed(4, 3, rngs=rngs)
        self.head = self.embed

    def __call__(self, tokens):
        return self.head.attend(self.embed(tokens))


def distance(move):
    model = move(Tied(nnx.Rngs(0)))
    size = sum(leaf.size for leaf in jax.tree.leaves(nnx.state(model, nnx.Param)))
    optimizer = nnx.Optimizer(model, optax.sgd(0.1), wrt=nnx.Param)
    grads = nnx.grad(lambda m: (m(jnp.array([0, 1])) ** 2).mean())(model)
    optimizer.update(model, grads)
    apart = jnp.abs(model.embed.embedding[...] - model.head.embedding[...]).max()
    return size, float(apart) > 0


seen = {}
for text, move in (
    ("jax.device_put", jax.device_put),
    ("jax.jit", jax.jit(lambda m: m)),
    ("jax.tree.map", lambda m: jax.tree.map(lambda a: a, m)),
    ("nnx.jit", nnx.jit(lambda m: m)),
    ("nnx.clone", nnx.clone),
    ("copy.deepcopy", copy.deepcopy),
):
    seen[text] = distance(move)
    print(f"{text:15} parameters {seen[text][0]}, apart after a step: {seen[text][1]}")
jaxs, others = list(seen.values())[:3], list(seen.values())[3:]
sys.exit(0 if jaxs == [(24, True)] * 3 and others == [(12, False)] * 3 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
