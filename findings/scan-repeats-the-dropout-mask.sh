#!/usr/bin/env bash
# nnx.scan with a broadcast model uses one dropout mask for all steps and all calls.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A loop over time with a model that all steps share is nnx.scan with in_axes=None for the model. One
#   expects it to do what the Python loop does: each step draws a new mask, and the batch statistics are
#   updated.
#
#   In the default mode each step sees the model as it was before the loop, and what it writes is dropped
#   without an error. So all steps have the same mask, the next call has it again, the count of the stream
#   stays 0 and a BatchNorm learns nothing. A broadcast argument is a constant of the loop in
#   flax/nnx/transforms/iteration.py, and its updates have no way out. nnx.vmap refuses the same write. With
#   graph_updates=False scan carries the updates on, so that one keyword decides whether dropout is dropout.
#
# Output seen:
#   Python loop:              8 masks in 2 calls of 4 steps, count 8, mean of BatchNorm 4.9
#   nnx.scan:                 1 masks in 2 calls of 4 steps, count 0, mean of BatchNorm 0.0
#   nnx.scan, graph_updates=False: 8 masks in 2 calls of 4 steps, count 8, mean of BatchNorm 4.9
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

STEPS = 4
x = jax.random.normal(jax.random.key(0), (STEPS, 3, 16)) + 5


class Model(nnx.Module):
    def __init__(self):
        self.norm = nnx.BatchNorm(16, momentum=0.5, rngs=nnx.Rngs(0))
        self.dropout = nnx.Dropout(0.5, rngs=nnx.Rngs(0))

    def __call__(self, x):
        return self.dropout(self.norm(x))


def python(model, x):
    return jnp.stack([model(step) for step in x])


def scan(**options):
    run = nnx.scan(lambda _, m, x: (_, m(x)), in_axes=(nnx.Carry, None, 0), out_axes=(nnx.Carry, 0), **options)
    return lambda model, x: run(0, model, x)[1]


seen = []
for text, loop in (
    ("Python loop:             ", python),
    ("nnx.scan:                ", scan()),
    ("nnx.scan, graph_updates=False:", scan(graph=True, graph_updates=False)),
):
    model = Model()
    masks = jnp.concatenate([loop(model, x) == 0, loop(model, x) == 0])
    different = len({mask.tobytes() for mask in jax.device_get(masks)})
    count, mean = int(model.dropout.rngs.count[...]), float(model.norm.mean[...].mean())
    seen.append((different, count))
    print(f"{text} {different} masks in 2 calls of {STEPS} steps, count {count}, mean of BatchNorm {mean:.1f}")
sys.exit(0 if seen == [(8, 8), (1, 0), (8, 8)] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
