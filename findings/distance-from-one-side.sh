#!/usr/bin/env bash
# probjax's Wasserstein distance between two normals is 1.11 one way and NaN the other way, and the right one is 0.76.
#
# Date: 2026-11-30
#
# Versions: probjax 0.1.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, jaxtyping 0.3.11, chex 0.1.92, ott-jax
#   0.6.0, Python 3.12, CPU.
#
# Behaviour:
#   The squared Wasserstein distance of order 2 between two normals is known exactly. It is the same both ways, and 0
#   from a distribution to itself.
#
#   For a normal with the covariance ((2, 1.2), (1.2, 1)) and a standard normal, probjax gives 1.113. The right value is
#   0.759. The other way round it gives NaN, and NaN for the distance of the first one to itself, too. For covariances
#   without correlations it is right.
#
#   The source: `_wasserstein_multivariate_normal_multivariate_normal` in
#   probjax/distributions/divergences/wasserstein.py takes the Cholesky factor where the formula has the square root of
#   a matrix, twice. The Cholesky factor is another matrix, and the product L C L that it is taken of is not symmetric.
#
# Output seen:
#   correlated to standard: probjax 1.113, right 0.759, by samples 0.761
#   standard to correlated: probjax nan, right 0.759, by samples 0.761
#   correlated to itself: probjax nan, right 0.000, by samples 0.000
#   variances 2, 1 to standard: probjax 0.172, right 0.172, by samples 0.172
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
  'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'jaxtyping==0.3.11' 'chex==0.1.92' 'ott-jax==0.6.0'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi
# The samplers of the package need more packages, and its distributions do not.
alone=('probjax==0.1.0')
if command -v uv >/dev/null; then
  uv pip install -q -p "$folder/venv/bin/python" --no-deps "${alone[@]}" || exit 2
else
  "$folder/venv/bin/pip" install -q --no-deps "${alone[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from probjax.distributions import MultivariateNormal
from probjax.distributions.divergences import wasserstein_distance
from scipy.linalg import sqrtm

CORRELATED = np.array([[2.0, 1.2], [1.2, 1.0]])


def right(a, b):
    root = sqrtm(b)
    return max(float(np.trace(a + b - 2 * np.real(sqrtm(root @ a @ root)))), 0.0)


def by_samples(a, b, n=200_000):
    """The cost of the best linear map, which is optimal between normals."""
    inverse = np.linalg.inv(sqrtm(a))
    move = inverse @ np.real(sqrtm(sqrtm(a) @ b @ sqrtm(a))) @ inverse
    x = np.random.default_rng(0).multivariate_normal([0, 0], a, size=n)
    return float(np.mean(np.sum((x - x @ move.T) ** 2, axis=1)))


pairs = {
    "correlated to standard": (CORRELATED, np.eye(2)),
    "standard to correlated": (np.eye(2), CORRELATED),
    "correlated to itself": (CORRELATED, CORRELATED),
    "variances 2, 1 to standard": (np.diag([2.0, 1.0]), np.eye(2)),
}
values = []
for name, (a, b) in pairs.items():
    p, q = (MultivariateNormal(jnp.zeros(2), cov=jnp.asarray(c)) for c in (a, b))
    own = float(wasserstein_distance(p, q))
    values.append((own, right(a, b)))
    print(f"{name}: probjax {own:.3f}, right {right(a, b):.3f}, by samples {by_samples(a, b):.3f}")
(one, exact), (other, _), (itself, _), (plain, plain_exact) = values
wrong = one > exact + 0.3 and np.isnan(other) and np.isnan(itself)
sys.exit(0 if wrong and abs(plain - plain_exact) < 1e-4 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
