#!/usr/bin/env bash
# The probabilities of a negative binomial near Poisson sum to 21 in jax.scipy.stats, and to 0.87 or 103 in numpyro.
#
# Date: 2026-11-29
#
# Versions: numpyro 0.22.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   Counts are fitted by a negative binomial, so that a dispersion of 0 gives back the Poisson distribution. Data
#   without overdispersion drive the other parameter, the number n of failures or the concentration, to infinity, and
#   a fit has to stand that. The mean here is 100. A sum over all counts is 1 for each n and p, however p is rounded.
#   The docstrings name no bound.
#
#   At n = 1,000,000 the probabilities of all counts sum to 0.67 in jax, at ten million to 21, and at 100 million to
#   1e43. A fit gains likelihood by going there. In numpyro, by NegativeBinomial2, they sum to 0.87 at ten million and
#   to 103 at 100 million. The gradient by n, which drives the fit, is wrong sooner: from 100,000 on its sign and its
#   size are noise, in both. scipy has the right numbers in float64.
#
#   The source: `logpmf` in jax/_src/scipy/stats/nbinom.py is gammaln(k + n) - gammaln(n) - gammaln(k + 1) + n *
#   log(p) + k * log(1 - p), where the first two are of the size n * log(n), so that a float32 leaves an error of
#   several units at n = ten million. log(p) of p near 1 adds to it. GammaPoisson.log_prob of numpyro has betaln in
#   their place, and goes wrong later.
#
# Output seen:
#           n  sum of all probabilities: jax   numpyro   scipy   gradient by n: jax   numpyro   scipy
#       1e+02                               1         1  1.0000              7.3e-02   7.3e-02   7e-02
#       1e+04                          0.9988         1  1.0000              2.6e-05   4.6e-06   4e-06
#       1e+05                          0.9643    0.9953  1.0000             -4.9e-05  -2.3e-06   4e-08
#       1e+06                          0.6674    0.9835  1.0000             -1.6e-05  -8.3e-07   4e-10
#       1e+07                           20.96     0.873  1.0000             -6.2e-05  -6.8e-07   1e-12
#       1e+08                       1.128e+43     102.8  1.0000              5.8e-05   2.3e-06   2e-12
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

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import scipy.stats
from jax.scipy.stats import nbinom

MEAN = 100.0
counts = np.arange(400)
observed = scipy.stats.poisson.rvs(MEAN, size=50, random_state=0)


def by_jax(n, k):
    return nbinom.logpmf(k, n, n / (n + MEAN))


def by_numpyro(n, k):
    return dist.NegativeBinomial2(MEAN, n).log_prob(k)


def exact(n, k):
    return scipy.stats.nbinom.logpmf(k, n, n / (n + MEAN))


def slope(n):
    return (exact(n * 1.01, observed).sum() - exact(n * 0.99, observed).sum()) / (0.02 * n)


seen = {}
print("        n  sum of all probabilities: jax   numpyro   scipy   gradient by n: jax   numpyro   scipy")
for n in (1e2, 1e4, 1e5, 1e6, 1e7, 1e8):
    sums = [float(np.exp(np.asarray(f(n, counts), float)).sum()) for f in (by_jax, by_numpyro, exact)]
    slopes = [float(jax.grad(lambda n, f=f: jnp.sum(f(n, observed)))(n)) for f in (by_jax, by_numpyro)] + [slope(n)]
    seen[n] = sums, slopes
    print(f"{n:9.0e}{sums[0]:32.4g}{sums[1]:10.4g}{sums[2]:8.4f}{slopes[0]:21.1e}{slopes[1]:10.1e}{slopes[2]:8.0e}")
good = all(abs(x - 1) < 0.01 for n in (1e2, 1e4) for x in seen[n][0])
good = good and all(abs(row[0][2] - 1) < 1e-3 for row in seen.values())
jax_wrong = seen[1e6][0][0] < 0.9 and seen[1e7][0][0] > 5
numpyro_wrong = abs(seen[1e7][0][1] - 1) > 0.05 and abs(seen[1e8][0][1] - 1) > 0.5
gradient = abs(seen[1e6][1][0] / seen[1e6][1][2]) > 10
sys.exit(0 if good and jax_wrong and numpyro_wrong and gradient else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
