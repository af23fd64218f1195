#!/usr/bin/env bash
# probjax has Kullback-Leibler divergences of -2.4 and -2.1, and no such divergence is ever below 0.
#
# Date: 2026-11-30
#
# Versions: probjax 0.1.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, jaxtyping 0.3.11, chex 0.1.92, ott-jax
#   0.6.0, Python 3.12, CPU.
#
# Behaviour:
#   The Kullback-Leibler divergence is 0 for two equal distributions and above 0 for all others. kl_divergence of
#   probjax has formulas for pairs of distributions.
#
#   For a standard normal in two dimensions and one with a variance of 4 it gives -2.39. The right value is 0.64. The
#   other way round it gives 3.39 for 1.61. For Beta(2, 4) and Beta(3, 1) it gives -3.06 for 1.83. For two equal Beta(2,
#   4) it gives -3.00, where it should be 0. For exponential distributions with rates 1 and 4 it has -2.14 for 1.61. The
#   formula for two normals in one dimension is right.
#
#   The source: probjax/distributions/divergences/kl.py. For MultivariateNormal it uses the Cholesky factors where the
#   covariances belong, and the determinants have the wrong sign. For Beta the terms of the second distribution are
#   missing. For Exp the ratio of the rates is upside down.
#
# Output seen:
#   normals in 2-d, variances 1 and 4: probjax -2.386, by integration 0.636
#   normals in 2-d, variances 4 and 1: probjax 3.386, by integration 1.614
#   Beta(2, 4) and Beta(3, 1): probjax -3.062, by integration 1.830
#   Beta(2, 4) and itself: probjax -2.996, by integration 0.000
#   exponentials with rates 1 and 4: probjax -2.136, by integration 1.614
#   normals in 1-d, deviations 1 and 2: probjax 0.318, by integration 0.318
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
from probjax.distributions import Beta, Exp, MultivariateNormal, Normal
from probjax.distributions.divergences import kl_divergence
from scipy import integrate, stats


def normal(variance):
    return MultivariateNormal(jnp.zeros(2), cov=variance * jnp.eye(2))


def numeric(p, q, low, high):
    return integrate.quad(lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), low, high)[0]


one = jnp.array(1.0)
narrow, wide = stats.norm(), stats.norm(0, 2)
there, back = numeric(narrow, wide, -20, 20), numeric(wide, narrow, -20, 20)
betas = numeric(stats.beta(2, 4), stats.beta(3, 1), 0, 1)
exponentials = numeric(stats.expon(), stats.expon(scale=0.25), 0, 100)
beta = Beta(2 * one, 4 * one)
pairs = {
    "normals in 2-d, variances 1 and 4": (normal(1.0), normal(4.0), 2 * there),
    "normals in 2-d, variances 4 and 1": (normal(4.0), normal(1.0), 2 * back),
    "Beta(2, 4) and Beta(3, 1)": (beta, Beta(3 * one, one), betas),
    "Beta(2, 4) and itself": (beta, beta, 0.0),
    "exponentials with rates 1 and 4": (Exp(one), Exp(4 * one), exponentials),
    "normals in 1-d, deviations 1 and 2": (Normal(0 * one, one), Normal(0 * one, 2 * one), there),
}
off = {}
for name, (p, q, right) in pairs.items():
    own = float(kl_divergence(p, q))
    off[name] = own - right
    print(f"{name}: probjax {own:.3f}, by integration {right:.3f}")
wrong = [abs(value) > 0.5 for value in off.values()]
sys.exit(0 if wrong == [True] * 5 + [False] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
