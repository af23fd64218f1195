#!/usr/bin/env bash
# opifex's PlattScaling is right in 22% of the cases after a fit to scores that are right in 78%: it starts upside down.
#
# Date: 2026-11-30
#
# Versions: opifex 0.2.10, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, scipy 1.18.1, tfp-nightly
#   0.26.0.dev20261027, Python 3.12, CPU.
#
# Behaviour:
#   Platt scaling fits sigmoid(a * score + b) to labels. For scores that are calibrated log odds already, a = 1 and b =
#   0 is the best fit, and the order of the cases stays. PlattScaling.fit of opifex has 100 iterations by default.
#
#   It starts at a = -1, so that the likely is unlikely, and takes 100 steps of gradient descent of size 0.01. They end
#   at a = -0.03: all probabilities lie near one half, and the order is reversed, so 22% of the cases are on the right
#   side, where the scores themselves have 78%. With 1,000 iterations it is right at last. No flag says that the fit has
#   not converged. If the scores are ten times smaller it is at -0.33 even then, with 23%.
#
#   The source: `PlattScaling` in opifex/neural/bayesian/calibration_tools.py. Platt's own formula is 1 / (1 + exp(a *
#   score + b)), in which a is below 0; with the sigmoid of a * score it is above.
#
# Output seen:
#   scores       iterations         a        b   right side   by the scores   best fit: a       b
#   log odds            100     -0.03    -0.00          22%             78%           1.01   -0.00
#   log odds           1000      0.95    -0.01          78%             78%           1.01   -0.00
#   log odds / 10       100     -0.93    -0.00          22%             78%          10.12   -0.00
#   log odds / 10      1000     -0.33    -0.02          23%             78%          10.12   -0.00
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
from opifex.neural.bayesian.calibration_tools import PlattScaling
from scipy.optimize import minimize

rng = np.random.default_rng(0)
scores = 2 * rng.normal(size=5000)
labels = (rng.uniform(size=5000) < 1 / (1 + np.exp(-scores))).astype(float)


def right(values):
    def loss(theta):
        return np.mean(np.logaddexp(0, (1 - 2 * labels) * (theta[0] * values + theta[1])))

    return minimize(loss, [0.0, 0.0], method="BFGS").x


rows = {}
print("scores       iterations         a        b   right side   by the scores   best fit: a       b")
for name, values in (("log odds", scores), ("log odds / 10", scores / 10)):
    for count in (100, 1000):
        model = PlattScaling(rngs=nnx.Rngs(0))
        model.fit(jnp.asarray(values), jnp.asarray(labels), max_iterations=count)
        hits = float(np.mean((np.asarray(model(jnp.asarray(values))) > 0.5) == labels))
        rows[name, count] = float(model.a[...]), hits, right(values)
        best = rows[name, count][2]
        print(
            f"{name:14}{count:9}{rows[name, count][0]:10.2f}{float(model.b[...]):9.2f}{hits:13.0%}"
            f"{np.mean((values > 0) == labels):16.0%}{best[0]:15.2f}{best[1]:8.2f}"
        )
first, second = rows["log odds", 100], rows["log odds / 10", 1000]
fitted = abs(first[2][0] - 1) < 0.1
sys.exit(0 if fitted and first[0] < 0 and first[1] < 0.3 and second[0] < 0 and rows["log odds", 1000][1] > 0.7 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
