#!/usr/bin/env bash
# numpyro's DiscreteUniform has quantiles that are no integers and go down to -1, and so has a Gaussian copula of it.
#
# Date: 2026-11-29
#
# Versions: numpyro 0.22.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   A quantile of a discrete distribution is one of its values: the least one up to which the cdf is at least q. That
#   is what scipy.stats.randint.ppf gives, and what one expects of DiscreteUniform(0, 5).icdf, whose docstring calls
#   it the quantile function. A GaussianCopula draws normal numbers and sends them through icdf of the marginal.
#
#   The quantile at 0.1 is -0.4. Between 0 and 1 the quantiles fill the interval from -1 to 5, and log_prob of nearly
#   all of them is -inf. A Gaussian copula of two dice draws floats: 17% of them are below 0, the mean is 2 where
#   that of the marginal is 2.5, and each draw has a log_prob that is not finite. Rounding the draws up mends both.
#
#   The source: `DiscreteUniform.icdf` in numpyro/distributions/discrete.py is low + q * (high - low + 1) - 1 without
#   a ceiling. The docstring has the same formula, which inverts the line through the tops of the steps of the cdf.
#
# Output seen:
#   level     icdf  log_prob of it     cdf of it   scipy
#    0.01    -0.94            -inf         0.000       0
#     0.1    -0.40            -inf         0.000       0
#    0.25     0.50            -inf         0.167       1
#     0.4     1.40            -inf         0.333       2
#     0.5     2.00          -1.792         0.500       2
#    0.75     3.50            -inf         0.667       4
#     0.9     4.40            -inf         0.833       5
#     1.0     5.00          -1.792         1.000       5
#   draws of a copula of two dice: [[4.69, 4.96], [0.99, 1.08], [2.42, 0.97]]
#   whole numbers 0.000, below 0 0.171, with a finite log_prob 0.000
#   mean 1.99, rounded up 2.49, of the marginal 2.5
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
packages=('numpyro==0.22.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import scipy.stats

warnings.simplefilter("ignore")
LEVELS = np.array([0.01, 0.1, 0.25, 0.4, 0.5, 0.75, 0.9, 1.0])
die = dist.DiscreteUniform(0, 5)
quantiles = np.asarray(die.icdf(jnp.asarray(LEVELS, jnp.float32)), np.float64)
right = scipy.stats.randint(0, 6).ppf(LEVELS)
print("level     icdf  log_prob of it     cdf of it   scipy")
for level, quantile, expected in zip(LEVELS, quantiles, right, strict=True):
    row = float(die.log_prob(quantile)), float(die.cdf(quantile))
    print(f"{level:5} {quantile:8.2f} {row[0]:15.3f} {row[1]:13.3f} {expected:7.0f}")

pair = dist.DiscreteUniform(jnp.zeros(2, int), jnp.full(2, 5))
copula = dist.GaussianCopula(pair, correlation_matrix=jnp.array([[1.0, 0.8], [0.8, 1.0]]))
draws = np.asarray(copula.sample(jax.random.key(0), (10_000,)))
whole = float(np.mean(draws == np.round(draws)))
below = float(np.mean(draws < 0))
finite = float(np.mean(np.isfinite(np.asarray(copula.log_prob(jnp.asarray(draws))))))
print("draws of a copula of two dice:", draws[:3].astype(float).round(2).tolist())
print(f"whole numbers {whole:.3f}, below 0 {below:.3f}, with a finite log_prob {finite:.3f}")
print(f"mean {draws.mean():.2f}, rounded up {np.ceil(draws).mean():.2f}, of the marginal {float(die.mean)}")
wrong = abs(quantiles[0] + 0.94) < 1e-5 and abs(quantiles[1] + 0.4) < 1e-5 and quantiles[-1] == 5
mends = np.array_equal(np.maximum(np.ceil(quantiles - 1e-5), 0), right)
copulas = whole < 0.01 and 0.15 < below < 0.19 and finite < 0.01 and abs(draws.mean() - 2) < 0.1
sys.exit(0 if wrong and mends and copulas else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
