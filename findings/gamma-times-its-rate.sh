#!/usr/bin/env bash
# fenbux draws from Gamma(2, 3) with the mean 6, where its own mean is 0.67, and from a beta-binomial with 0.46, not 4.
#
# Date: 2026-11-30
#
# Versions: fenbux 0.1.0, jax 0.4.23, jaxlib 0.4.23, numpy 1.26.4, scipy 1.12.0, Python 3.12, CPU.
#
# Behaviour:
#   fenbux's Gamma has a shape and a rate, so the mean is shape / rate, which fenbux.mean says, too. Draws by
#   fenbux.rand have the mean and the distribution of fenbux.cdf. (fenbux 0.1.0, the newest, does not import with a
#   newer jax than 0.4.23.)
#
#   The draws of Gamma(2, 3) have the mean 6.0 and Gamma(2, 0.1) 0.2, where 0.67 and 20 are right. The draws of F(5, 12)
#   have the mean 1.66, where 1.2 is right, and those of BetaBinomial(10, 2, 3) 0.46, where 4 is right. The survival
#   function of a Beta is not 1 - cdf: at the 5% quantile of Beta(2, 3) it is 0.9966, and that of an Exponential has the
#   logarithm inf, and of a Logistic a positive one. Density and cdf of all are right.
#
#   The source: fenbux/univariate/continuous/_gamma.py multiplies the draws of jax.random.gamma by the rate, not by its
#   inverse. fenbux/dist_math/beta.py, exponential.py and logistic.py have the tails.
#
# Output seen:
#   distribution             mean of draws   fenbux.mean    scipy
#   Gamma(2, 3)                      6.007         0.667    0.667
#   Gamma(2, 0.1)                    0.200        20.000   20.000
#   F(5, 12)                         1.662         1.200    1.200
#   BetaBinomial(10, 2, 3)           0.461         4.000    4.000
#   Exponential(2)                   0.502         0.500    0.500
#   at the 5% quantile            cdf        sf     logsf
#   Beta(2, 3)                0.0500    0.9966   -0.0035
#   Exponential(2)            0.0500    0.9500       inf
#   Logistic(1, 2)            0.0500    0.9500    2.9957
#   right                     0.0500    0.9500   -0.0513
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
packages=('fenbux==0.1.0' 'jax==0.4.23' 'jaxlib==0.4.23' 'numpy==1.26.4' 'scipy==1.12.0')
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
from fenbux import cdf, logsf, mean, rand, sf
from fenbux.univariate import F, Beta, BetaBinomial, Exponential, Gamma, Logistic
from scipy import stats

CASES = {
    "Gamma(2, 3)": (Gamma(2.0, 3.0), stats.gamma(2, scale=1 / 3)),
    "Gamma(2, 0.1)": (Gamma(2.0, 0.1), stats.gamma(2, scale=10)),
    "F(5, 12)": (F(5.0, 12.0), stats.f(5, 12)),
    "BetaBinomial(10, 2, 3)": (BetaBinomial(10, 2.0, 3.0), stats.betabinom(10, 2, 3)),
    "Exponential(2)": (Exponential(2.0), stats.expon(scale=0.5)),
}
means = {}
print("distribution             mean of draws   fenbux.mean    scipy")
for name, (own, right) in CASES.items():
    draws = np.asarray(rand(own, jax.random.key(0), shape=(100_000,)), float)
    means[name] = draws.mean(), float(mean(own)), right.mean()
    print(f"{name:22}{means[name][0]:16.3f}{means[name][1]:14.3f}{means[name][2]:9.3f}")
tails = {}
print("at the 5% quantile            cdf        sf     logsf")
for name, own, right in (
    ("Beta(2, 3)", Beta(2.0, 3.0), stats.beta(2, 3)),
    ("Exponential(2)", Exponential(2.0), stats.expon(scale=0.5)),
    ("Logistic(1, 2)", Logistic(1.0, 2.0), stats.logistic(1, 2)),
):
    place = jnp.array([right.ppf(0.05)])
    tails[name] = [float(f(own, place)[0]) for f in (cdf, sf, logsf)]
    print(f"{name:22}" + "".join(f"{value:10.4f}" for value in tails[name]))
print(f"{'right':22}{0.05:10.4f}{0.95:10.4f}{np.log(0.95):10.4f}")
own = all(abs(row[1] / row[2] - 1) < 1e-5 for row in means.values())
wrong = all(abs(row[0] / row[2] - 1) > 0.3 for name, row in means.items() if name != "Exponential(2)")
cdfs = all(abs(row[0] - 0.05) < 1e-6 for row in tails.values())
beyond = tails["Beta(2, 3)"][1] > 0.99 and np.isinf(tails["Exponential(2)"][2]) and tails["Logistic(1, 2)"][2] > 0
sys.exit(0 if own and wrong and cdfs and beyond and abs(means["Exponential(2)"][0] - 0.5) < 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
