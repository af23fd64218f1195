#!/usr/bin/env bash
# opifex's TemperatureScaling returns 1.32 as the optimized temperature of logits that are three times too large.
#
# Date: 2026-11-30
#
# Versions: opifex 0.2.10, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, scipy 1.18.1, tfp-nightly
#   0.26.0.dev20261027, Python 3.12, CPU.
#
# Behaviour:
#   Temperature scaling divides the logits by the one number that minimizes the cross entropy; it is a convex problem in
#   1 / T with one solution. optimize_temperature of opifex "returns the optimized temperature value".
#
#   Logits that are three times too large have the best temperature 3.0. It returns 1.32, with adaptive=True 2.5, and
#   for logits that are ten times too large 1.87, where 10 is right. Each is the state after 100 or 200 steps of size
#   0.01 from 1, whatever the gradient still is; no flag or warning says so. The calibration error falls from 0.13 to
#   0.11, where 0.01 can be reached.
#
#   The source: `TemperatureScaling.optimize_temperature` in opifex/neural/bayesian/calibration_tools.py has no stop
#   test and no argument for the number of steps. The step, learning_rate, is 0.01 by default.
#
# Output seen:
#   logits   adaptive   temperature   best   calibration error: before   after   with the best
#   x 1.0    False             1.00   0.99                       0.011   0.012           0.011
#   x 1.0    True              0.99   0.99                       0.011   0.011           0.011
#   x 3.0    False             1.32   2.97                       0.132   0.106           0.011
#   x 3.0    True              2.51   2.97                       0.132   0.027           0.011
#   x 10.0   False             1.87   9.88                       0.193   0.170           0.011
#   x 10.0   True              4.71   9.88                       0.193   0.099           0.011
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
  'opifex==0.2.10' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12' 'numpy==2.5.5' 'scipy==1.18.1'
  'tfp-nightly==0.26.0.dev20261027'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from flax import nnx
from opifex.neural.bayesian.calibration_tools import TemperatureScaling
from scipy.optimize import minimize_scalar

rng = np.random.default_rng(0)
odds = 2 * rng.normal(size=5000)
labels = (rng.uniform(size=5000) < 1 / (1 + np.exp(-odds))).astype(int)


def loss(temperature, factor):
    return np.mean(np.logaddexp(0, (1 - 2 * labels) * factor * odds / temperature))


def error(temperature, factor):
    """Expected calibration error of the likelier class, with ten bins."""
    chance = 1 / (1 + np.exp(-np.abs(factor * odds / temperature)))
    hit = (odds > 0) == labels
    bins = np.minimum((chance * 20 - 10).astype(int), 9)
    return sum(abs((chance - hit)[bins == b].sum()) for b in range(10)) / len(odds)


rows = {}
print("logits   adaptive   temperature   best   calibration error: before   after   with the best")
for factor in (1.0, 3.0, 10.0):
    for adaptive in (False, True):
        model = TemperatureScaling(adaptive=adaptive, rngs=nnx.Rngs(0))
        logits = jnp.asarray(np.c_[np.zeros(5000), factor * odds])
        found = model.optimize_temperature(logits, jnp.asarray(labels))
        best = minimize_scalar(loss, bounds=(0.05, 100), args=(factor,), method="bounded").x
        rows[factor, adaptive] = found, best, *(error(t, factor) for t in (1.0, found, best))
        a, b, c, d, e = rows[factor, adaptive]
        print(f"x {factor:<5}  {adaptive!s:8}{a:14.2f}{b:7.2f}{c:28.3f}{d:8.3f}{e:16.3f}")
best = abs(rows[3.0, False][1] - 3) < 0.2 and abs(rows[10.0, False][1] - 10) < 0.6
early = rows[3.0, False][0] < 1.6 and rows[10.0, False][0] < 3
worse = rows[3.0, False][3] > 3 * rows[3.0, False][4]
sys.exit(0 if best and early and worse else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
