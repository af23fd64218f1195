#!/usr/bin/env bash
# metrax.Average gives losses between 1 and 3 the mean 31, if they are in bfloat16, and 0 if they are in float16.
#
# Date: 2026-11-30
#
# Versions: google-metrax 0.2.4, clu 0.0.12, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12,
#   CPU.
#
# Behaviour:
#   metrax.Average collects the loss of each batch of an evaluation, as in its documentation: empty() is merged with
#   what from_model_output makes of a batch. A loss in bfloat16 or float16 is usual where a model computes in it. One
#   expects the mean, to two digits.
#
#   For a loss of 3 in the first half of 4,000 batches and 1 in the second, the mean is 31.25 in bfloat16. No loss is
#   above 3. The sum is right and the count is too small: it stays at 8,192 with 32 examples a batch. In float16 the
#   count is inf, and the mean is 0. Without empty() the sum stays behind as well, so that the mean of bfloat16 is 4,
#   and that of float16 is NaN. clu.metrics.Average and nnx.metrics.Average are right.
#
#   The source: `from_model_output` in metrax/base.py counts with ones in the dtype of the values, and merging adds in
#   it. The count of clu.metrics.Average, which it replaces, is an int32.
#
# Output seen:
#   dtype     metric                         mean     count
#   float32   metrax                       2.0000    128000
#   float32   metrax without empty()       2.0000    128000
#   float32   clu                          2.0000    128000
#   float32   flax.nnx                     2.0000    128000
#   bfloat16  metrax                      31.2500      8192
#   bfloat16  metrax without empty()       4.0000      8192
#   bfloat16  clu                          2.0000    128000
#   bfloat16  flax.nnx                     2.0000    128000
#   float16   metrax                       0.0000       inf
#   float16   metrax without empty()          nan       inf
#   float16   clu                          2.0000    128000
#   float16   flax.nnx                     2.0000    128000
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
packages=('google-metrax==0.2.4' 'clu==0.0.12' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
import metrax
from clu import metrics as clu_metrics
from flax import nnx

BATCHES, SIZE = 4000, 32


def losses(step, dtype):
    return jnp.full(SIZE, jnp.where(step < BATCHES // 2, 3, 1), dtype)


def of_metric(kind, dtype, from_empty):
    step = jax.jit(lambda metric, i: metric.merge(kind.from_model_output(losses(i, dtype))))
    metric = kind.empty() if from_empty else kind.from_model_output(losses(0, dtype))
    for i in range(0 if from_empty else 1, BATCHES):
        metric = step(metric, i)
    return float(metric.compute()), float(metric.count)


def of_nnx(dtype):
    metric = nnx.metrics.Average()
    step = nnx.jit(lambda metric, i: metric.update(values=losses(i, dtype)))
    for i in range(BATCHES):
        step(metric, jnp.int32(i))
    return float(metric.compute()), float(metric.count[...])


seen = {}
print("dtype     metric                         mean     count")
for dtype in (jnp.float32, jnp.bfloat16, jnp.float16):
    seen[dtype] = [
        of_metric(metrax.Average, dtype, True),
        of_metric(metrax.Average, dtype, False),
        of_metric(clu_metrics.Average, dtype, True),
        of_nnx(dtype),
    ]
    for name, row in zip(("metrax", "metrax without empty()", "clu", "flax.nnx"), seen[dtype]):
        print(f"{dtype.__name__:10}{name:25}{row[0]:10.4f}{row[1]:10.0f}")
single = all(abs(mean - 2) < 1e-3 for mean, _ in seen[jnp.float32])
others = all(abs(rows[i][0] - 2) < 1e-3 for rows in seen.values() for i in (2, 3))
bfloat, half = seen[jnp.bfloat16], seen[jnp.float16]
sys.exit(0 if single and others and bfloat[0][0] > 30 and abs(bfloat[1][0] - 2) > 0.5 and half[0][0] == 0 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
