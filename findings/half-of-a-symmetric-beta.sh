#!/usr/bin/env bash
# jax.scipy.stats.beta.cdf(0.5, n, n) is 0.58 at 100,000 and 0.999 at ten million, and with 64 bits -1.2 at a billion.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   An A/B test asks the beta distribution of the counts how likely a rate is below a bound. Counts of 100,000 and of
#   millions are usual there, and they are exact in float32. One expects some lost digits, and half of a symmetric
#   distribution below its middle. The docstrings of beta.cdf and betainc have nothing on large parameters.
#
#   The error is 0.0004 at 1,000, and from 30,000 on it is in the second digit. At ten million the answer is
#   "certainly below", and the gradient and the density, which is the same number, are 7.4 where 3,568 is right. A
#   tail is wrong by a factor: of 1,000,000 trials with 50,500 hits, the chance that the rate is below 5% is 2.4 times
#   too large. Nothing is NaN and nothing warns. With 64 bits the loss begins at ten million: 0.49, then 0.20, and
#   -1.2 at a billion.
#
#   The source: `regularized_incomplete_beta_impl` in jax/_src/lax/special.py takes at most 200 terms of a continued
#   fraction (600 with 64 bits), which needs as many as the root of n, and multiplies it by exp(a * log(x) + b *
#   log1p(-x) - betaln(a, b)), three numbers of the size of n whose sum is of the size of log(n), so that the
#   exponential turns the error of a float32 near n into a factor. The gradient by x and `beta.logpdf` have the same
#   sum. The cdf of a binomial, an F or a t distribution is made of betainc too.
#
# Output seen:
#          n  cdf(0.5, n, n)     scipy    gradient of betainc    exp(logpdf)       scipy
#         10          0.5000    0.5000                   3.52           3.52        3.52
#       1000          0.4996    0.5000                  35.71          35.69       35.68
#      10000          0.5009    0.5000                 112.58         112.58      112.84
#     100000          0.5816    0.5000                 299.80         339.72      356.82
#    1000000          0.4454    0.5000                1096.63        1096.63     1128.38
#   10000000          0.9987    0.5000                   7.39           7.39     3568.25
#   chance of a rate below 5%      jax     scipy
#      5050 of   100000        0.2428    0.2358
#     50500 of  1000000        0.0264    0.0110
#   with 64 bits, for 1e6 to 1e9: [0.5, 0.4902, 0.1999, -1.1955]
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
import scipy.stats
from jax.scipy.special import betainc
from jax.scipy.stats import beta

seen = {}
print("       n  cdf(0.5, n, n)     scipy    gradient of betainc    exp(logpdf)       scipy")
for n in (10.0, 1e3, 1e4, 1e5, 1e6, 1e7):
    half, slope = float(beta.cdf(0.5, n, n)), float(jax.grad(betainc, 2)(n, n, 0.5))
    density, right = float(jnp.exp(beta.logpdf(0.5, n, n))), float(scipy.stats.beta.pdf(0.5, n, n))
    seen[n] = half, slope / right, density / right
    print(f"{n:8.0f} {half:15.4f} {scipy.stats.beta.cdf(0.5, n, n):9.4f} {slope:22.2f} {density:14.2f} {right:11.2f}")

tails = {}
print("chance of a rate below 5%      jax     scipy")
for hits, trials in ((5_050, 100_000), (50_500, 1_000_000)):
    found = float(beta.cdf(0.05, hits, trials - hits))
    right = float(scipy.stats.beta.cdf(np.float64(np.float32(0.05)), hits, trials - hits))
    tails[trials] = found / right
    print(f"{hits:7} of {trials:8} {found:13.4f} {right:9.4f}")

with jax.enable_x64(True):
    double = [float(beta.cdf(0.5, n, n)) for n in (1e6, 1e7, 1e8, 1e9)]
print("with 64 bits, for 1e6 to 1e9:", [round(x, 4) for x in double])
small = all(abs(seen[n][0] - 0.5) < 2e-3 and abs(seen[n][1] - 1) < 0.01 for n in (10.0, 1e3, 1e4))
large = abs(seen[1e5][0] - 0.5) > 0.05 and seen[1e7][0] > 0.99 and seen[1e7][1] < 0.01 and seen[1e7][2] < 0.01
sys.exit(0 if small and large and tails[1_000_000] > 1.5 and abs(double[0] - 0.5) < 1e-3 and double[3] < 0 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
