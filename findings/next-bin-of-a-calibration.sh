#!/usr/bin/env bash
# opifex's IsotonicRegression answers with the next bin's value: 0.21 for a confidence of 0.35, where 0.12 was fitted.
#
# Date: 2026-11-30
#
# Versions: opifex 0.2.10, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, scipy 1.18.1, tfp-nightly
#   0.26.0.dev20261027, Python 3.12, CPU.
#
# Behaviour:
#   Isotonic calibration learns how often a confidence is right, and says it for that confidence. opifex's
#   IsotonicRegression has one value for each of its bins.
#
#   Each confidence gets the value of the bin above its own. If a confidence c is right in c ** 2 of the cases, with 10
#   bins 0.35 becomes 0.21, where its own bin has 0.115 and 0.1225 is right; the mean error of all is 0.10 with the
#   model and 0.03 with the bins that it has fitted. It makes each confidence too large, but in the last bin, so data
#   that are calibrated before are worse after it.
#
#   The source: opifex/neural/bayesian/calibration_tools.py. `fit` finds the bin by `searchsorted(edges, c,
#   side="right") - 1`, `__call__` by `searchsorted(edges, c)`, which is one more.
#
# Output seen:
#   confidence   answer   value of its bin   right
#         0.05    0.015              0.001   0.003
#         0.15    0.067              0.015   0.022
#         0.35    0.206              0.115   0.122
#         0.55    0.420              0.310   0.303
#         0.75    0.732              0.575   0.562
#         0.85    0.905              0.732   0.722
#         0.95    0.905              0.905   0.902
#   mean error: answers 0.097, value of each bin 0.026
#   calibrated before: the mean confidence grows by 0.093
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
from opifex.neural.bayesian.calibration_tools import IsotonicRegression

BINS = 10
rng = np.random.default_rng(0)
confidence = rng.uniform(size=20_000)
labels = (rng.uniform(size=20_000) < confidence**2).astype(float)
model = IsotonicRegression(n_bins=BINS, rngs=nnx.Rngs(0))
model.fit(jnp.asarray(confidence), jnp.asarray(labels))
fitted = np.asarray(model.calibration_map[...])
rows = []
print("confidence   answer   value of its bin   right")
for value in (0.05, 0.15, 0.35, 0.55, 0.75, 0.85, 0.95):
    rows.append((float(model(jnp.array([value]))[0]), float(fitted[int(value * BINS)]), value**2))
    print(f"{value:10}{rows[-1][0]:9.3f}{rows[-1][1]:19.3f}{rows[-1][2]:8.3f}")
answers = np.asarray(model(jnp.asarray(confidence)))
own = fitted[(confidence * BINS).astype(int)]
errors = [np.abs(values - confidence**2).mean() for values in (answers, own)]
print(f"mean error: answers {errors[0]:.3f}, value of each bin {errors[1]:.3f}")
calibrated = (rng.uniform(size=20_000) < confidence).astype(float)
again = IsotonicRegression(n_bins=BINS, rngs=nnx.Rngs(0))
again.fit(jnp.asarray(confidence), jnp.asarray(calibrated))
shift = float((again(jnp.asarray(confidence)) - confidence).mean())
print(f"calibrated before: the mean confidence grows by {shift:.3f}")
shifted = all(abs(row[0] - float(fitted[index])) < 1e-6 for row, index in zip(rows[:6], (1, 2, 4, 6, 8, 9)))
near = all(abs(row[1] - row[2]) < 0.03 for row in rows)
sys.exit(0 if shifted and near and errors[0] > 3 * errors[1] and shift > 0.05 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
