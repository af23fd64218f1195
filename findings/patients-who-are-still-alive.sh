#!/usr/bin/env bash
# jaxboost's aft has no gradient for a patient who outlives the prediction 182 times, so a fit in days stands still.
#
# Date: 2026-11-30
#
# Versions: jaxboost 0.5.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The accelerated failure time model predicts the logarithm of a time. A patient who is still alive after a time has
#   the probability that the time of death is later, and the gradient of its logarithm grows the further the
#   prediction is below. A fit relies on it, as it starts far away: boosting starts at a score like 0.5, and 1,000
#   days are 6.9.
#
#   The gradient of jaxboost's aft is exactly 0, for such a patient, from 5.2 deviations below on, so at e**5.2 = 182
#   times the predicted time. The loss is 15.9 from there on, whatever the prediction. So it is for a death in an
#   interval so far away. 500 steps down the gradient from 0.5 do not move a prediction for patients who are alive
#   after 1,000 days, where the right gradient takes it above 7.9. In weeks the same data move. The second derivative
#   is 0 too, by which XGBoost divides.
#
#   The source: `aft` in jaxboost/objective/survival.py computes 1 - cdf and clips the cdf at 1 - 1e-7, and the
#   probability of an interval at 1e-10. jax.scipy.stats.norm.logsf has the logarithm without clipping.
#
# Output seen:
#   time / predicted time   gradient of aft   hessian     right   by norm.logsf
#                     1.0            -0.798     0.637    -0.798          -0.798
#                    20.1            -3.283     0.929    -3.283          -3.283
#                   148.4            -4.989    -0.057    -5.187          -5.187
#                   164.0            -5.018    -0.413    -5.283          -5.283
#                   200.3            -0.000    -0.000    -5.477          -5.477
#                   601.8            -0.000    -0.000    -6.549          -6.549
#                  8103.1            -0.000    -0.000    -9.109          -9.109
#   500 steps from 0.5 for a patient alive after 1,000 days:  0.500, by the right gradient 9.322
#   the same in weeks:                                        7.384, by the right gradient 7.384
#   gradient for a death between 1,000 and 1,100 days: -0.000
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
packages=('jaxboost==0.5.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
import scipy.stats
from jaxboost import aft

ALIVE = np.array([np.inf], np.float32)


def gradient(prediction, lower, upper=ALIVE):
    lower, upper = np.array([lower], np.float32), np.asarray(upper, np.float32)
    bounds = {"label_lower_bound": lower, "label_upper_bound": upper}
    values = np.array([prediction], np.float32)
    return float(aft.gradient(values, lower, **bounds)[0]), float(aft.hessian(values, lower, **bounds)[0])


def exact(z):
    return -float(np.exp(scipy.stats.norm.logpdf(z) - scipy.stats.norm.logsf(z)))


def descend(time, function):
    prediction = 0.5
    for _ in range(500):
        prediction -= 0.05 * function(prediction, time)
    return prediction


seen = {}
print("time / predicted time   gradient of aft   hessian     right   by norm.logsf")
for z in (0.0, 3.0, 5.0, 5.1, 5.3, 6.4, 9.0):
    row = *gradient(0.0, np.exp(z)), exact(z), float(jax.grad(lambda p: -jax.scipy.stats.norm.logsf(z - p))(0.0))
    seen[z] = row
    print(f"{np.exp(z):21.1f}{row[0]:18.3f}{row[1]:10.3f}{row[2]:10.3f}{row[3]:16.3f}")
days = descend(1_000.0, lambda p, t: gradient(p, t)[0]), descend(1_000.0, lambda p, t: exact(np.log(t) - p))
weeks = descend(1_000.0 / 7, lambda p, t: gradient(p, t)[0]), descend(1_000.0 / 7, lambda p, t: exact(np.log(t) - p))
print(f"500 steps from 0.5 for a patient alive after 1,000 days:  {days[0]:.3f}, by the right gradient {days[1]:.3f}")
print(f"the same in weeks:                                        {weeks[0]:.3f}, by the right gradient {weeks[1]:.3f}")
between = gradient(0.5, 1_000.0, np.array([1_100.0]))[0]
print(f"gradient for a death between 1,000 and 1,100 days: {between:.3f}")
near = all(abs(seen[z][0] / seen[z][2] - 1) < 0.05 for z in (0.0, 3.0))
near &= all(abs(row[3] / row[2] - 1) < 0.01 for row in seen.values()) and abs(weeks[0] - weeks[1]) < 0.2
lost = all(seen[z][0] == seen[z][1] == 0 for z in (5.3, 6.4, 9.0)) and between == 0 and days[0] == 0.5 and days[1] > 7
sys.exit(0 if near and lost else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
