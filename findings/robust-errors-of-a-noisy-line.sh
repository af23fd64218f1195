#!/usr/bin/env bash
# glmax's robust errors of a linear regression are 10,000 times too small if y is in centimetres, and right in metres.
#
# Date: 2026-11-30
#
# Versions: glmax 0.1.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, statsmodels 0.15.0, Python 3.12, CPU.
#
# Behaviour:
#   Robust standard errors (Huber and White) are those that hold if the noise is not equal everywhere. They scale with
#   the unit of y, as the coefficients do, so that a p-value does not depend on the unit. HuberError of glmax is for
#   this.
#
#   With the Gaussian family they are too small by the factor of the variance of the noise, and too large if the
#   variance is below 1. With y in metres and noise of 1 m they are right, in centimetres they are 10,000 times too
#   small, and in kilometres a million times too large. So is InverseGaussian. The plain errors, FisherInfoError,
#   scale as they should. The Poisson, binomial and Gamma families are right, as glmax keeps their dispersion at 1.
#
#   The source: `HuberError.covariance` in glmax/_infer/stderr.py divides the score by the dispersion, but its glm_wt
#   is already divided by it.
#
# Output seen:
#   unit of y   noise      HuberError   statsmodels     p-value   statsmodels    FisherInfoError   statsmodels
#   km          0.001            22.8      2.26e-05           1          0.14           2.23e-05      2.23e-05
#   m               1          0.0228        0.0226       0.143          0.14             0.0223        0.0223
#   cm            100        0.000228          2.26           0          0.14               2.23          2.23
#   mm           1000        2.28e-05          22.6           0          0.14               22.3          22.3
#   Poisson: HuberError / statsmodels = 1.0000
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
packages=('glmax==0.1.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'statsmodels==0.15.0')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import glmax
import jax
import numpy as np
import statsmodels.api as sm

jax.config.update("jax_enable_x64", True)
N = 2000
rng = np.random.default_rng(0)
columns = np.c_[np.ones(N), rng.normal(size=N)]
metres = columns @ np.array([2.0, 0.05]) + rng.normal(size=N)
seen = {}
print("unit of y   noise      HuberError   statsmodels     p-value   statsmodels    FisherInfoError   statsmodels")
for unit, scale in (("km", 1e-3), ("m", 1.0), ("cm", 100.0), ("mm", 1e3)):
    fit = glmax.fit(glmax.Gaussian(), columns, metres * scale)
    robust, plain = glmax.infer(fit, stderr=glmax.HuberError()), glmax.infer(fit)
    ols = sm.OLS(metres * scale, columns)
    other, usual = ols.fit(cov_type="HC0"), ols.fit()
    row = [float(robust.se[1]), other.bse[1], float(robust.p[1]), other.pvalues[1], float(plain.se[1]), usual.bse[1]]
    seen[scale] = row
    print(f"{unit:6}{scale:11g}", end="")
    print("".join(f"{value:{width}.3g}" for value, width in zip(row, (16, 14, 12, 14, 19, 14))))
counts = rng.poisson(np.exp(columns @ np.array([0.5, 0.3]))).astype(float)
fit = glmax.infer(glmax.fit(glmax.Poisson(), columns, counts), stderr=glmax.HuberError())
poisson = sm.GLM(counts, columns, family=sm.families.Poisson()).fit(cov_type="HC0")
ratio = float(fit.se[1]) / poisson.bse[1]
print(f"Poisson: HuberError / statsmodels = {ratio:.4f}")
wrong = all(abs(row[0] / row[1] * scale**2 - 1) < 0.1 for scale, row in seen.items())
right = all(abs(row[4] / row[5] - 1) < 1e-6 for row in seen.values()) and abs(ratio - 1) < 1e-3
sys.exit(0 if wrong and right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
