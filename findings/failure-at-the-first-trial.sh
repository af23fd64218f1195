#!/usr/bin/env bash
# efax's geometric distribution of mean 1 draws 1 each time, where half are to be 0; with mean 0.25 it draws 0 alone.
#
# Date: 2026-11-30
#
# Versions: efax 2.4.0, tjax 1.7.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The geometric distribution of efax counts the trials that succeed before one fails, so that its values are 0, 1, 2
#   and so on. The docstring says so, and the density, the mean, the entropy and the fit of the parameters agree. sample
#   is to draw from this density.
#
#   No draw is 0 if the mean is 1 or more, where half or a tenth should be. With the mean 1 each draw is 1. With a mean
#   below 1 each draw is 0. The mean of the draws is right from 1 on, so that a test of the mean finds nothing. Their
#   variance is too small by twice the mean: 0 instead of 2, and 90 instead of 110. The mean log-density shows nothing
#   either, as it depends on the mean of the draws alone. NegativeBinomialNP with one failure, which is the same
#   distribution, draws rightly.
#
#   The source: `sample` of GeometricEP in efax/_src/distributions/geometric.py calls jax.random.geometric, whose values
#   are 1, 2 and so on, with the probability 1 / mean, and not 1 / (1 + mean) and a shift by 1. Below a mean of 1 this
#   is no probability, and what jax returns for it is 0.
#
# Output seen:
#           share of zeros     mean of          variance of       mean log-density
#   mean    right    drawn   100,000 draws    right    drawn     right     drawn
#    0.25    0.80     1.00        0.00           0.31     0.00      -0.63     -0.22
#     1.0    0.50     0.00        1.00           2.00     0.00      -1.39     -1.39
#     2.0    0.33     0.00        2.00           6.00     2.00      -1.91     -1.91
#    10.0    0.09     0.00       10.02         110.00    90.11      -3.35     -3.35
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
packages=('efax==2.4.0' 'tjax==1.7.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from efax import GeometricEP, NegativeBinomialEP

seen = []
print("        share of zeros     mean of          variance of       mean log-density")
print("mean    right    drawn   100,000 draws    right    drawn     right     drawn")
for mean in (0.25, 1.0, 2.0, 10.0):
    distribution = GeometricEP(jnp.array(mean)).to_nat()
    draws = np.asarray(distribution.sample(jax.random.key(0), (100_000,)))
    values = np.arange(1000.0)
    logs = np.asarray(jax.vmap(distribution.log_pdf)(jnp.array(values)))
    weights = np.exp(logs.astype(float))
    drawn = float(np.asarray(jax.vmap(distribution.log_pdf)(jnp.array(draws, float))).mean())
    row = weights[0], (draws == 0).mean(), draws.mean(), mean + mean**2, draws.var(), weights @ logs, drawn
    other = NegativeBinomialEP(jnp.array(mean), jnp.array(1)).to_nat().sample(jax.random.key(0), (100_000,))
    right = abs((other == 0).mean() - weights[0]) < 0.01 and abs(other.mean() - mean) < 0.2
    right &= abs(weights.sum() - 1) < 1e-4 and abs(weights @ values - mean) < 1e-3
    seen.append((right, *row))
    print(f"{mean:5}{row[0]:8.2f}{row[1]:9.2f}{row[2]:12.2f}{row[3]:15.2f}{row[4]:9.2f}{row[5]:11.2f}{row[6]:10.2f}")
right = all(row[0] for row in seen)
always_zero = seen[0][2] == 1
never_zero = all(row[2] == 0 for row in seen[1:]) and seen[1][5] == 0
narrow = abs(seen[2][5] - 2) < 0.1 and abs(seen[3][5] - 90) < 3
sys.exit(0 if right and always_zero and never_zero and narrow else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
