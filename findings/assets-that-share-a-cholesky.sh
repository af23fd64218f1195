#!/usr/bin/env bash
# jaxfin simulates two assets of volatility 0.3 and correlation 0.8 with the volatilities 0.38 and 0.18 and 0.62.
#
# Date: 2026-11-30
#
# Versions: jaxfin 0.3.3, jax 0.4.23, jaxlib 0.4.23, numpy 1.26.4, scipy 1.11.4, Python 3.12, CPU.
#
# Behaviour:
#   MultiGeometricBrownianMotion of jaxfin takes a drift and a volatility for each asset and a correlation matrix of
#   "the Weiner processes". So each asset on its own is a geometric Brownian motion of its volatility, and the order of
#   the assets has no meaning.
#
#   The simulated log returns of two equal assets with a volatility of 0.3 and a correlation of 0.8 have the
#   volatilities 0.384 and 0.180 and a correlation of 0.626. The asset that is named first is twice as risky as its
#   equal. With a correlation of 0.95 the second one has 0.094. The mean of the prices at the end is off with it, so a
#   call on the first asset is too dear and one on the second too cheap. Without a correlation all is right, and so is
#   UnivGeometricBrownianMotion.
#
#   The source: `sample_paths` in jaxfin/models/gbm/gbm.py multiplies rows of normal draws by the Cholesky factor L from
#   the right. Their covariance is then L'L; the correlation matrix is LL', for which the factor must be transposed.
#
# Output seen:
#   correlation   volatilities, 0.30 each   correlation of the log returns   L'L says
#          0.00           0.300   0.300                  0.002                  0.300   0.300
#          0.50           0.335   0.260                  0.449                  0.335   0.260
#          0.80           0.384   0.180                  0.626                  0.384   0.180
#          0.95           0.414   0.094                  0.690                  0.414   0.094
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
packages=('jaxfin==0.3.3' 'jax==0.4.23' 'jaxlib==0.4.23' 'numpy==1.26.4' 'scipy==1.11.4')
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
from jaxfin.models.gbm import MultiGeometricBrownianMotion

two = jnp.array([1.0, 1.0])
seen = {}
print("correlation   volatilities, 0.30 each   correlation of the log returns   L'L says")
for correlation in (0.0, 0.5, 0.8, 0.95):
    np.random.seed(0)
    matrix = np.array([[1.0, correlation], [correlation, 1.0]])
    model = MultiGeometricBrownianMotion(100 * two, 0.1 * two, 0.3 * two, jnp.asarray(matrix))
    paths = np.asarray(model.sample_paths(1.0, 50, 20_000), float)
    returns = np.diff(np.log(paths), axis=0).reshape(-1, 2)
    volatilities = returns.std(axis=0) * np.sqrt(50)
    lower = np.linalg.cholesky(matrix)
    expected = 0.3 * np.sqrt(np.diag(lower.T @ lower))
    seen[correlation] = *volatilities, np.corrcoef(returns.T)[0, 1], *expected
    values = seen[correlation]
    print(f"{correlation:11.2f}{values[0]:16.3f}{values[1]:8.3f}{values[2]:23.3f}{values[3]:23.3f}{values[4]:8.3f}")
formula = all(np.allclose(values[:2], values[3:], rtol=0.01) for values in seen.values())
right = np.allclose(seen[0.0][:3], [0.3, 0.3, 0.0], atol=0.005)
sys.exit(0 if formula and right and seen[0.8][0] > 0.37 and seen[0.8][1] < 0.19 and seen[0.8][2] < 0.65 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
