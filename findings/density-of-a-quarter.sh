#!/usr/bin/env bash
# probjax's gamma density with a rate of 4 integrates to 1/4, and a fit by likelihood finds one half of the rate.
#
# Date: 2026-11-30
#
# Versions: probjax 0.1.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, jaxtyping 0.3.11, chex 0.1.92, Python
#   3.12, CPU.
#
# Behaviour:
#   The density of Gamma(2, 4), with shape 2 and rate 4, integrates to 1. exp(log_prob) of probjax integrates to 0.25.
#   It is 1/4 of the slope of the cdf of the same object, and of scipy's density, at all values.
#
#   The missing factor is the rate. It changes where the likelihood is largest: for 2000 samples of Gamma(2, 4), with
#   the shape known, the best rate is 2.02. The right log-likelihood has its maximum at 4.03. With a shape of 1 the
#   likelihood falls with the rate, so the best one is the smallest that is tried. Its samples, mean and cdf are right.
#
#   The source: `Gamma.log_prob` in probjax/distributions/continuous.py is the log density of a gamma with rate 1 at
#   rate times value. The logarithm of the rate, which the change of variables brings, is not added.
#
# Output seen:
#   integral of exp(log_prob): 0.2500; cdf at 8: 1.0000
#   at 0.1: exp(log_prob) 0.2681, slope of the cdf 1.0725, scipy 1.0725
#   at 0.5: exp(log_prob) 0.2707, slope of the cdf 1.0827, scipy 1.0827
#   at 1.5: exp(log_prob) 0.0149, slope of the cdf 0.0595, scipy 0.0595
#   shape 2.0: best rate for 2000 samples: probjax 2.02, scipy 4.03
#   shape 1.0: best rate for 2000 samples: probjax 0.10, scipy 4.22
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
packages=('jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'jaxtyping==0.3.11' 'chex==0.1.92')
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

import jax
import jax.numpy as jnp
import numpy as np
from probjax.distributions import Gamma
from scipy import stats

gamma = Gamma(jnp.array(2.0), jnp.array(4.0))
grid = np.linspace(1e-4, 8, 100_001)
area = np.trapezoid(np.exp(np.asarray(gamma.log_prob(jnp.asarray(grid)))), grid)
print(f"integral of exp(log_prob): {area:.4f}; cdf at 8: {float(gamma.cdf(8.0)):.4f}")
ratios = []
for x in (0.1, 0.5, 1.5):
    own, right = float(jnp.exp(gamma.log_prob(jnp.array(x)))), stats.gamma(2, scale=1 / 4).pdf(x)
    slope = float(jax.grad(gamma.cdf)(x))
    ratios.append(own / right)
    print(f"at {x}: exp(log_prob) {own:.4f}, slope of the cdf {slope:.4f}, scipy {right:.4f}")
data = gamma.rsample(jax.random.PRNGKey(0), (2000,))
rates = jnp.linspace(0.1, 8, 791)
short = Gamma(jnp.array(1.0), jnp.array(4.0)).rsample(jax.random.PRNGKey(1), (2000,))
for shape, sample in ((2.0, data), (1.0, short)):
    own = jax.vmap(lambda rate: Gamma(jnp.array(shape), rate).log_prob(sample).sum())(rates)
    right = [stats.gamma(shape, scale=1 / float(rate)).logpdf(np.asarray(sample)).sum() for rate in rates]
    best, expected = float(rates[jnp.argmax(own)]), float(rates[np.argmax(right)])
    print(f"shape {shape}: best rate for 2000 samples: probjax {best:.2f}, scipy {expected:.2f}")
    ratios.append(best / expected)
right_ratios = np.allclose(ratios[:3], 0.25, rtol=1e-3) and np.isclose(ratios[3], 0.5, atol=0.02) and ratios[4] < 0.05
sys.exit(0 if abs(area - 0.25) < 1e-3 and right_ratios else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
