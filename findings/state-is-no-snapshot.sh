#!/usr/bin/env bash
# A test that a frozen part does not change passes although it changes.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, chex 0.1.92, Python 3.12, CPU.
#
# Behaviour:
#   The state of a model before and after training, compared by chex, is the natural test that a frozen
#   backbone stays as it is. A State was a copy in Flax 0.10.7, and jax users take the leaves of a tree for
#   immutable.
#
#   nnx.state(model) now holds the Variables of the model itself, so "before" follows the training and
#   equals "after". The test cannot fail. The same holds for nnx.split, and for nnx.merge, which makes a
#   second model of the same Variables. nnx.as_pure(nnx.state(model)) has the arrays themselves, and
#   nnx.clone copies.
#
# Output seen:
#   the kernel moved: True
#   test by nnx.state passes:               True
#   test by nnx.as_pure(nnx.state) passes:  False
#   a model by nnx.merge was trained along: True
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'optax==0.2.8' 'chex==0.1.92')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import chex
import jax.numpy as jnp
import optax
from flax import nnx


def passes(before, after):
    try:
        chex.assert_trees_all_equal(before, after)
        return True
    except AssertionError:
        return False


model = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
optimizer = nnx.Optimizer(model, optax.sgd(0.5), wrt=nnx.Param)
state, arrays = nnx.state(model), nnx.as_pure(nnx.state(model))
second = nnx.merge(*nnx.split(model))
optimizer.update(model, nnx.grad(lambda m: m(jnp.ones((1, 2))).sum())(model))

by_state = passes(state, nnx.state(model))
by_arrays = passes(arrays, nnx.as_pure(nnx.state(model)))
print("the kernel moved:", not passes(arrays["kernel"], model.kernel[...]))
print("test by nnx.state passes:              ", by_state)
print("test by nnx.as_pure(nnx.state) passes: ", by_arrays)
print("a model by nnx.merge was trained along:", bool((second.kernel[...] == model.kernel[...]).all()))
sys.exit(0 if by_state and not by_arrays else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
