#!/usr/bin/env bash
# metrax.RSQUARED gives a constant guess of the air pressure the score 0.999, where 0 is right.
#
# Date: 2026-11-30
#
# Versions: google-metrax 0.2.4, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   R squared is 0 for a model that always answers the mean, and 1 for one that is right. It does not depend on where
#   the zero of the scale is, so one expects the same of labels around 0 and of the same labels plus 100,000, to the
#   digits that float32 has.
#
#   With labels of deviation 1 around 2,000, which may be years, the score of a model is 0.66, where 0.73 is right. From
#   10,000 on, and at 101,325, which is the air pressure in pascal, it is 1.000, and so is the score of the constant
#   guess: a model that has learned nothing looks perfect. No NaN or warning tells. In the same float32 two passes, with
#   the mean taken off first, give the right score.
#
#   The source: `compute` of RSQUARED in metrax/regression_metrics.py takes the sum of squares about the mean as the sum
#   of the squared labels minus count * mean ** 2. Both are as large as the square of the mean, and the difference is
#   below their rounding error.
#
# Output seen:
#                 model with an error of 0.5            the mean as a constant guess
#   mean of labels  metrax   right   two passes         metrax   right   two passes
#                0  0.7259  0.7259       0.7259       0.0000  0.0000       0.0000
#               10  0.7259  0.7259       0.7259      -0.0000 -0.0000       0.0000
#              100  0.7259  0.7259       0.7259      -0.0000 -0.0000       0.0000
#             1000  0.7276  0.7259       0.7259       0.0062 -0.0000       0.0000
#             2000  0.6595  0.7259       0.7259      -0.2422 -0.0000       0.0000
#            10000  1.0000  0.7259       0.7259       1.0000 -0.0000       0.0000
#           101325  0.9998  0.7259       0.7259       0.9991 -0.0000       0.0000
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
packages=('google-metrax==0.2.4' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import metrax
import numpy as np

rng = np.random.default_rng(0)
noise, errors = rng.normal(size=1000), 0.5 * rng.normal(size=1000)
seen = {}
print("              model with an error of 0.5            the mean as a constant guess")
print("mean of labels  metrax   right   two passes         metrax   right   two passes")
for mean in (0, 10, 100, 1000, 2000, 10_000, 101_325):
    labels = (mean + noise).astype(np.float32)
    row = []
    for guess in ((labels + errors).astype(np.float32), np.full(1000, labels.mean(dtype=np.float64), np.float32)):
        metric = metrax.RSQUARED.empty()
        for part in np.split(np.arange(1000), 10):
            metric = metric.merge(metrax.RSQUARED.from_model_output(jnp.array(guess[part]), jnp.array(labels[part])))
        y, p = labels.astype(np.float64), guess.astype(np.float64)
        right = 1 - np.sum((y - p) ** 2) / np.sum((y - y.mean()) ** 2)
        a, b = jnp.array(labels), jnp.array(guess)
        passes = 1 - jnp.sum((a - b) ** 2) / jnp.sum((a - jnp.mean(a)) ** 2)
        row.append((float(metric.compute()), float(right), float(passes)))
    seen[mean] = row
    print(f"{mean:14}" + "     ".join(f"{m:8.4f}{r:8.4f}{p:13.4f}" for m, r, p in row))
near = all(abs(m - r) < 0.01 for mean in (0, 10, 100) for m, r, _ in seen[mean])
passes = all(abs(p - r) < 0.01 for row in seen.values() for _, r, p in row)
far = abs(seen[2000][0][0] - seen[2000][0][1]) > 0.05 and seen[101_325][1][0] > 0.9 and abs(seen[101_325][1][1]) < 0.01
sys.exit(0 if near and passes and far else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
