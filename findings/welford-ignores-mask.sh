#!/usr/bin/env bash
# nnx.MultiMetric hands a mask to Welford, which drops it.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.MultiMetric.update documents that a mask is passed to all of its metrics. One expects two metrics of
#   the same values and the same mask to agree on the mean.
#
#   Average applies the mask. Welford.update (flax/nnx/training/metrics.py) takes **kwargs, has no mask of
#   its own, and ignores it without a word. So a padding value counts in the mean and in the deviation of
#   Welford, next to an Average that leaves it out. A misspelt keyword is dropped in the same way.
#
# Output seen:
#   mean by Average: 1.0
#   mean by Welford: 334.0 deviation: 471
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

import jax.numpy as jnp
from flax import nnx

metrics = nnx.MultiMetric(average=nnx.metrics.Average("loss"), welford=nnx.metrics.Welford("loss"))
metrics.update(loss=jnp.array([1.0, 1.0, 1000.0]), mask=jnp.array([True, True, False]))
result = metrics.compute()
average, welford = float(result["average"]), result["welford"]
print("mean by Average:", average)
print("mean by Welford:", float(welford.mean), "deviation:", round(float(welford.standard_deviation)))
sys.exit(0 if average == 1.0 and welford.mean == 334.0 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
