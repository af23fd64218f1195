#!/usr/bin/env bash
# artifex's fixed sinusoids and rotary angles are trained as an nnx.Param: after 100 steps they are no sines.
#
# Date: 2026-11-30
#
# Versions: avitai-artifex 0.1.15, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, distrax 0.1.9, calibrax 0.1.14,
#   optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   Sinusoidal and rotary positions are computed once and stay. artifex's docstrings call them "non-trainable":
#   SinusoidalPositionalEncoding has them in `pe`, RotaryPositionalEncoding in `sin` and `cos`, and its transformers use
#   these.
#
#   They are of type nnx.Param with the metadata trainable=False, which nothing in Flax reads. So nnx.Optimizer(...,
#   wrt=nnx.Param), nnx.grad and each count of parameters take them for weights. After 100 steps of Adam a rotation is
#   none any more: sin ** 2 + cos ** 2 lies between 0.04 and 2.8, and the sinusoids have moved by up to 0.66; weight
#   decay alone, with no gradient, halves them. LearnedPositionalEncoding is trained as it should be.
#
#   The source: artifex/generative_models/core/layers/positional.py has `nnx.Param(pe, trainable=False)`. Keywords of a
#   Variable are metadata; a Variable of another type, such as nnx.Cache, would be left alone.
#
# Output seen:
#   positions                       optimizer      largest move   largest value
#   SinusoidalPositionalEncoding    Adam                   0.66            1.57
#   SinusoidalPositionalEncoding    decay alone            0.50            0.50
#   RotaryPositionalEncoding        Adam                   0.83            1.29
#   RotaryPositionalEncoding        decay alone            0.50            0.50
#   sin ** 2 + cos ** 2 after Adam: 0.04 to 2.79
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
packages=(
  'avitai-artifex==0.1.15' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12' 'numpy==2.5.5' 'distrax==0.1.9'
  'calibrax==0.1.14' 'optax==0.2.8'
)
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
import numpy as np
import optax
from artifex.generative_models.core.layers.positional import RotaryPositionalEncoding, SinusoidalPositionalEncoding
from flax import nnx


class Model(nnx.Module):
    def __init__(self, kind, rngs):
        self.positions = kind(16, 32, rngs=rngs)
        self.out = nnx.Linear(16, 1, rngs=rngs)

    def __call__(self, x):
        return self.out(self.positions(x))[..., 0]


def train(kind, transform, with_data):
    model = Model(kind, nnx.Rngs(0))
    optimizer = nnx.Optimizer(model, transform, wrt=nnx.Param)
    x = jax.random.normal(jax.random.key(1), (64, 32, 16))
    y = jnp.where(with_data, jnp.sin(jnp.arange(32.0)) * x[..., 0], 0)
    before = [np.asarray(leaf) for leaf in jax.tree.leaves(nnx.state(model.positions))]

    @nnx.jit
    def step(model, optimizer):
        slope = nnx.grad(lambda model: with_data * jnp.mean((model(x) - y) ** 2))(model)
        optimizer.update(model, slope)

    for _ in range(100):
        step(model, optimizer)
    after = [np.asarray(leaf) for leaf in jax.tree.leaves(nnx.state(model.positions))]
    return model, max(np.abs(a - b).max() for a, b in zip(before, after)), np.abs(after[0]).max()


CASES = ("Adam", optax.adam(0.01), 1.0), ("decay alone", optax.adamw(0.01, weight_decay=0.7), 0.0)
seen = {}
print("positions                       optimizer      largest move   largest value")
for kind in (SinusoidalPositionalEncoding, RotaryPositionalEncoding):
    for name, transform, with_data in CASES:
        model, moved, largest = train(kind, transform, with_data)
        seen[kind.__name__, name] = moved, largest
        print(f"{kind.__name__:32}{name:12}{moved:15.2f}{largest:16.2f}")
        if kind is RotaryPositionalEncoding and name == "Adam":
            circle = model.positions.sin[...] ** 2 + model.positions.cos[...] ** 2
print(f"sin ** 2 + cos ** 2 after Adam: {float(circle.min()):.2f} to {float(circle.max()):.2f}")
moved = all(row[0] > 0.1 for row in seen.values())
decayed = all(seen[kind, "decay alone"][1] < 0.6 for kind, _ in seen)
sys.exit(0 if moved and decayed and float(circle.max() - circle.min()) > 0.1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
