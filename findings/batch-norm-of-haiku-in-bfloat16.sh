#!/usr/bin/env bash
# hk.BatchNorm in bfloat16 with a decay of 0.999 is NaN in eval mode from the first step on, and right in training.
#
# Date: 2026-11-29
#
# Versions: dm-haiku 0.0.17, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   hk.BatchNorm keeps its statistics by hk.ExponentialMovingAverage, which corrects them for the start from 0. A decay
#   rate of 0.999 is a usual one. One expects that training in bfloat16 gives statistics that are right to two digits.
#
#   They are NaN after each number of steps, and so is each output in eval mode. The outputs in training are right and
#   the loss falls, as they go by the statistics of the batch: the first evaluation shows it. With 0.997 the mean is 7%
#   off, and with 0.99 and 0.9, or in float16 and float32, it is right. hk.ExponentialMovingAverage alone does the same
#   to any value in bfloat16; a scalar that is a Python number is float32 and safe.
#
#   The source: haiku/_src/moving_averages.py converts the decay to the dtype of the value. bfloat16 rounds 0.999 to 1,
#   so that nothing is added, and the average is 0 divided by 1 - 1. The state keeps that dtype as well.
#
# Output seen:
#   after 200 steps with a mean of 3 and a variance of 4
#   dtype      decay   deviation in training      mean  variance   deviation in eval mode
#   float32      0.9                   1.000     3.033     3.921                    0.923
#   float32     0.99                   1.000     2.984     3.910                    0.920
#   float32    0.997                   1.000     2.988     3.926                    0.919
#   float32    0.999                   1.000     2.989     3.932                    0.919
#   float16      0.9                   1.000     3.035     3.920                    0.922
#   float16     0.99                   1.000     2.994     3.910                    0.920
#   float16    0.997                   1.000     2.980     3.930                    0.919
#   float16    0.999                   1.000     2.986     3.926                    0.921
#   bfloat16     0.9                   0.999     3.031     3.922                    0.920
#   bfloat16    0.99                   0.999     2.938     3.938                    0.918
#   bfloat16   0.997                   0.999     3.203     3.828                    0.923
#   bfloat16   0.999                   0.999       nan       nan                      nan
#   0.999 in bfloat16 is 1.0
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
packages=('dm-haiku==0.0.17' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np

STEPS = 200


def train(dtype, decay):
    network = hk.transform_with_state(lambda x, training: hk.BatchNorm(True, True, decay)(x, training))
    batches = 3 + 2 * jax.random.normal(jax.random.key(0), (STEPS, 64, 2))
    params, state = network.init(None, batches[0].astype(dtype), True)

    def step(state, batch):
        output, state = network.apply(params, state, None, batch.astype(dtype), True)
        return state, output

    state, outputs = jax.lax.scan(step, state, batches)
    output, _ = network.apply(params, state, None, batches[0].astype(dtype), False)
    statistics = [float(state[f"batch_norm/~/{name}_ema"]["average"].ravel()[0]) for name in ("mean", "var")]
    return float(np.asarray(outputs[-1], np.float32).std()), *statistics, float(np.asarray(output, np.float32).std())


seen = {}
print(f"after {STEPS} steps with a mean of 3 and a variance of 4")
print("dtype      decay   deviation in training      mean  variance   deviation in eval mode")
for dtype in (jnp.float32, jnp.float16, jnp.bfloat16):
    for decay in (0.9, 0.99, 0.997, 0.999):
        seen[dtype, decay] = train(dtype, decay)
        row = seen[dtype, decay]
        print(f"{dtype.__name__:9} {decay:6} {row[0]:23.3f} {row[1]:9.3f} {row[2]:9.3f} {row[3]:24.3f}")
print("0.999 in bfloat16 is", float(jnp.bfloat16(0.999)))
training = all(abs(row[0] - 1) < 0.02 for row in seen.values())
lost = np.isnan(seen[jnp.bfloat16, 0.999][1:]).all()
single = all(abs(seen[jnp.float32, decay][3] - 1) < 0.2 for decay in (0.9, 0.99, 0.997, 0.999))
half = np.isfinite([row for (dtype, _), row in seen.items() if dtype == jnp.float16]).all()
sys.exit(0 if training and lost and single and half else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
