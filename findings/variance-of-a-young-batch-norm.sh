#!/usr/bin/env bash
# The running variance of equinox's BatchNorm is 100 after a first batch of variance 1, and its mean is right.
#
# Date: 2026-11-29
#
# Versions: equinox 0.13.8, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   mode="batch" is what equinox recommends for new code. Its docstring says that inference uses the running mean and
#   unbiased variance, in line with PyTorch, flax and haiku. The running statistics are divided by 1 - momentum**step,
#   which makes an average that starts at 0 right from the first step on, and so one evaluates after a few hundred
#   steps of a fine tuning without a thought.
#
#   The mean is right from the first step on, and the variance is not: after one step the inputs of variance 1 that
#   the layer has just seen have a running variance of 100, and the output in inference has a deviation of 0.1 where
#   it was 1 in training. After 10 steps the deviation is 0.31, and after 100 it is 0.80. nnx.BatchNorm, which starts
#   at 1 too and corrects nothing, has 1.0 throughout. For channels of deviation 0.1 both are off for some 500 steps,
#   and the correction makes it worse: 0.01 after a step, where nnx has 0.1. A checkpoint from the first epoch, a test
#   that trains for ten steps, or a layer that was new in a fine tuning then predicts with outputs that are too small.
#   The variance is also not the unbiased one: of batches of 2 it is half of that.
#
#   The source: `BatchNorm.__init__` in equinox/nn/_batch_norm.py starts the variance at ones and the mean at zeros,
#   and `__call__` divides both by 1 - momentum**counter, which removes a start at zeros alone.
#
# Output seen:
#   deviation of the output for channels of deviation 1 and 0.1, which is 1 in training
#   step     equinox, training      inference          its mean      flax, inference
#      1      1.000   1.000      0.100   0.010     -0.000  -0.000      1.000   0.100
#     10      1.000   1.000      0.309   0.032     -0.000  -0.000      1.000   0.105
#    100      1.000   1.000      0.796   0.130     -0.000  -0.000      1.000   0.164
#    500      1.000   1.000      0.997   0.776     -0.000  -0.000      1.000   0.778
#   2000      1.000   1.000      1.000   0.999      0.000   0.000      1.000   1.000
#   running variance of batches of 0 and 2, whose unbiased variance is 2: 1.0
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
packages=('equinox==0.13.8' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

DEVIATIONS = np.float32([1.0, 0.1])
random = np.random.RandomState(0)


def batch(size=1000):
    x = random.randn(size, 2)
    return jnp.asarray((x - x.mean(0)) / x.std(0) * DEVIATIONS + 3, jnp.float32)


layer, state = eqx.nn.make_with_state(eqx.nn.BatchNorm)(2, "batch", mode="batch", momentum=0.99)
other = nnx.BatchNorm(2, momentum=0.99, rngs=nnx.Rngs(0))
mapped = jax.jit(jax.vmap(layer, in_axes=(0, None), out_axes=(0, None), axis_name="batch"))
still = eqx.nn.inference_mode(layer)
inference = jax.jit(jax.vmap(still, in_axes=(0, None), out_axes=(0, None), axis_name="batch"))
compiled = nnx.jit(lambda model, x: model(x))
seen = {}
print("deviation of the output for channels of deviation 1 and 0.1, which is 1 in training")
print("step     equinox, training      inference          its mean      flax, inference")
for step in range(1, 2001):
    x = batch()
    other.train()
    compiled(other, x)
    trained, state = mapped(x, state)
    if step in (1, 10, 100, 500, 2000):
        out = inference(x, state)[0]
        other.eval()
        rows = [np.asarray(y).std(0) for y in (trained, out)] + [np.asarray(out).mean(0), np.asarray(other(x)).std(0)]
        seen[step] = rows
        print(f"{step:4}" + "".join(f"{row[0]:11.3f}{row[1]:8.3f}" for row in rows))

layer, state = eqx.nn.make_with_state(eqx.nn.BatchNorm)(1, "batch", mode="batch", momentum=0.99)
pair = jnp.array([[0.0], [2.0]])
step = jax.jit(jax.vmap(layer, in_axes=(0, None), out_axes=(0, None), axis_name="batch"))
for _ in range(3000):
    _, state = step(pair, state)
gap = jax.vmap(eqx.nn.inference_mode(layer), in_axes=(0, None), out_axes=(0, None), axis_name="batch")(pair, state)[0]
variance = float((2 / (gap[1, 0] - gap[0, 0])) ** 2)
print("running variance of batches of 0 and 2, whose unbiased variance is 2:", round(variance, 3))
young = abs(seen[1][1][0] - 0.1) < 0.01 and seen[10][1][0] < 0.4 and seen[100][1][0] < 0.9
weak = seen[100][1][1] < 0.3 and seen[500][1][1] < 0.9 and abs(seen[2000][1][1] - 1) < 0.01
right = all(np.allclose(row[0], 1, atol=0.02) and np.abs(row[2]).max() < 0.1 for row in seen.values())
flax = all(abs(row[3][0] - 1) < 0.02 for row in (seen[100], seen[500], seen[2000]))
sys.exit(0 if young and weak and right and flax and abs(variance - 1) < 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
