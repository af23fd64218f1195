#!/usr/bin/env bash
# episia's logistic regression by Newton's method goes away from the maximum: coefficients of 1e11 with p = 0.
#
# Date: 2026-11-30
#
# Versions: episia 0.1.3, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, Python 3.12, CPU.
#
# Behaviour:
#   logistic_regression of episia has two methods, irls and newton. For a logistic regression they are the same
#   iteration, and both find the one maximum of the likelihood.
#
#   With method="newton" each step goes away from the maximum by as much as it should go to it. After 100 steps the
#   coefficients are some 1e11, all p-values are 0, and the log-likelihood is -4,835, far below that of coefficients of
#   0, which is -208. The flag converged is False, and no error is raised; the table of the summary has the numbers.
#   Each coefficient has the wrong sign, from the first step on, so a risk factor comes out as one that protects. With
#   irls all is right.
#
#   The source: `_newton_logistic` in episia/stats/regression.py solves for the step with the negative Hessian and then
#   subtracts it. `poisson_regression` in the same file has the same lines, and adds it.
#
# Output seen:
#   method        intercept      first coefficient   second coefficient   log-likelihood   smallest and largest p
#   irls               -0.244            0.9482              -0.6097             -172.8     4e-10, 0.06
#   newton           8.09e+10        -5.264e+11             2.68e+11            -4835.4     0, 0
#   newton, 1 step      0.185            -0.742               0.4697             -298.5     1e-07, 0.1
#   newton, 3 steps      8.14            -27.93                19.24            -3892.8     0.001, 0.002
#   statsmodels        -0.244            0.9482              -0.6097             -172.8     4e-10, 0.06
#   log-likelihood of coefficients of 0: -207.9
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
packages=('episia==0.1.3' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1' 'statsmodels==0.15.0')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

import numpy as np
import statsmodels.api as sm
from episia.stats.regression import logistic_regression, poisson_regression

warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
X = rng.normal(size=(300, 2))
y = (rng.random(300) < 1 / (1 + np.exp(-(X @ [1.0, -0.5])))).astype(float)
right = sm.Logit(y, sm.add_constant(X)).fit(disp=0)
print("method        intercept      first coefficient   second coefficient   log-likelihood   smallest and largest p")
seen = {}
for name in ("irls", "newton", "newton, 1 step", "newton, 3 steps"):
    steps = int(name.split()[1]) if "," in name else 100
    own = logistic_regression(X, y, method=name.split(",")[0], max_iter=steps)
    seen[name] = own.coefficients, own.log_likelihood, own.p_values
    a, b, c = own.coefficients
    p = f"{own.p_values.min():.1g}, {own.p_values.max():.1g}"
    print(f"{name:16}{a:9.3g}{b:18.4g}{c:21.4g}{own.log_likelihood:19.1f}     {p}")
a, b, c = right.params
p = f"{right.pvalues.min():.1g}, {right.pvalues.max():.1g}"
print(f"{'statsmodels':16}{a:9.3g}{b:18.4g}{c:21.4g}{right.llf:19.1f}     {p}")
print(f"log-likelihood of coefficients of 0: {300 * np.log(0.5):.1f}")
counts = rng.poisson(np.exp(0.3 * X[:, 0]))
poisson = poisson_regression(X, counts).coefficients
fine = np.allclose(poisson, sm.Poisson(counts, sm.add_constant(X)).fit(disp=0).params, atol=1e-4)
good = np.allclose(seen["irls"][0], right.params, atol=1e-4)
lost = seen["newton"][1] < -1000 and seen["newton"][2].max() < 1e-6
turned = np.all(np.sign(seen["newton, 1 step"][0]) == -np.sign(right.params))
sys.exit(0 if fine and good and lost and turned else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
