#!/usr/bin/env bash
# spyx.fn.mse_spikerate trains a neuron that is to spike a quarter of the time to spike always.
#
# Date: 2026-11-30
#
# Versions: spyx 1.0.0, flax 0.12.12, optax 0.2.8, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   mse_spikerate(sparsity) is a loss for a spiking network. Its docstring calls it the squared error of the mean spike
#   rate, and sparsity the share of the time that the right neuron is to spike. It is 0.25 by default.
#
#   The loss is not 0 at that rate, but falls up to a neuron that spikes in each step. At a rate of 0.25 in 64 steps it
#   is 124. A rate that starts at 0.25 and follows the gradient goes to 1. The size of the loss grows with the square of
#   the number of steps. The accuracy shows nothing, as the right neuron does spike most.
#
#   The source: `mse_spikerate` in spyx/fn.py compares the mean of the spikes over time, at most 1, with sparsity times
#   the number of steps, which is a count. Both agree only for a single step.
#
# Output seen:
#   loss of one neuron of two that is to spike a share of 0.25 of the time, the other being silent
#   steps   spikes 0  1/8  1/4  3/8  1/2  5/8  3/4  7/8    1    best share
#       8    2.0  1.8  1.5  1.3  1.1  0.9  0.8  0.6  0.5         1.000
#      16    8.0  7.5  7.0  6.6  6.1  5.7  5.3  4.9  4.5         1.000
#      64    128  126  124  122  120  118  116  114  112         1.000
#     128    512  508  504  500  496  492  488  484  480         1.000
#   a rate that starts at 0.25 and follows the gradient ends at 1.00
#   the loss of the rate 0.25 in 64 steps: 124.0
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
packages=('spyx==1.0.0' 'flax==0.12.12' 'optax==0.2.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
import spyx

SPARSITY = 0.25
loss = spyx.fn.mse_spikerate(sparsity=SPARSITY)
target = jnp.array([0])
rates = np.arange(0, 9) / 8
print(f"loss of one neuron of two that is to spike a share of {SPARSITY} of the time, the other being silent")
print("steps   spikes 0  1/8  1/4  3/8  1/2  5/8  3/4  7/8    1    best share")
best = {}
for steps in (8, 16, 64, 128):
    losses = []
    for rate in rates:
        train = np.zeros((1, steps, 2), np.float32)
        train[0, : round(rate * steps), 0] = 1
        losses.append(float(loss(jnp.array(train), target)))
    best[steps] = rates[int(np.argmin(losses))]
    print(f"{steps:5}  " + "".join(f"{value:5.0f}" if steps > 16 else f"{value:5.1f}" for value in losses), end="")
    print(f"{best[steps]:14.3f}")

# A rate that follows the gradient of the loss, in 64 steps.
rate = jnp.array([0.25, 0.0])
for _ in range(100):
    slope = jax.grad(lambda rate: loss(jnp.broadcast_to(rate, (1, 64, 2)), target))(rate)
    rate = jnp.clip(rate - 0.01 * slope, 0, 1)
print(f"a rate that starts at {SPARSITY} and follows the gradient ends at {float(rate[0]):.2f}")
exact = float(loss(jnp.broadcast_to(jnp.array([SPARSITY, 0.0]), (1, 64, 2)), target))
print(f"the loss of the rate {SPARSITY} in 64 steps: {exact:.1f}")
sys.exit(0 if all(value == 1 for value in best.values()) and float(rate[0]) == 1 and exact > 100 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
