#!/usr/bin/env bash
# TruncatedNormal of numpyro has an infinite density 6 deviations above the mean, and a right one below.
#
# Date: 2026-11-28
#
# Versions: numpyro 0.22.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   A normal distribution is symmetric, so the density between 6 and 7 deviations above the mean is that between
#   7 and 6 below it. numpyro draws from either well: its icdf mirrors the upper tail, and a comment says why. In
#   a model the bounds come from the instrument, and the mean is a parameter that a sampler may put 6 deviations
#   away, with a warm-up that begins anywhere.
#
#   log_prob is inf for each value of the upper interval from 5.5 on, and 0.04 off at 5. The mirrored interval is
#   right to four digits, and so is the upper one without an upper bound, and all draws. _log_diff_tail_probs of
#   TwoSidedTruncatedDistribution (numpyro/distributions/truncated.py) mirrors only if the base distribution has
#   no log_cdf. Normal has one, "to avoid inf's", and the logarithms of two numbers next to 1 are 0 in float32.
#   An infinite density is no rejected state for a sampler, but the best of all. The documentation is silent.
#
# Output seen:
#   interval    log_prob  mirrored  no upper bound    right   mean of draws    right
#   3.0 to 4.0    0.9075    0.9075          0.8838   0.9075          3.2611   3.2605
#   4.0 to 5.0    1.0463    1.0453          1.0362   1.0453          4.2175   4.2168
#   5.0 to 6.0    1.1022    1.1445          1.1411   1.1445          5.1839   5.1831
#   5.5 to 6.5       inf    1.1826          1.1804   1.1826          5.6701   5.6693
#   6.0 to 7.0       inf    1.2141          1.2128   1.2141          6.1579   6.1572
#   8.0 to 9.0       inf    1.2897          1.2895   1.2897          8.1218   8.1212
#   mean 70, deviation 0.4, between 72.5 and 73.5: log_prob(72.6) = inf
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
import math
import sys

import jax
import numpyro.distributions as dist
from scipy.stats import truncnorm

key = jax.random.key(0)
seen = {}
print("interval    log_prob  mirrored  no upper bound    right   mean of draws    right")
for low in (3.0, 4.0, 5.0, 5.5, 6.0, 8.0):
    x = low + 0.1
    it = dist.TruncatedNormal(0.0, 1.0, low=low, high=low + 1)
    mirrored = dist.TruncatedNormal(0.0, 1.0, low=-low - 1, high=-low)
    open_end = dist.TruncatedNormal(0.0, 1.0, low=low)
    exact = truncnorm(low, low + 1)
    log_prob, other, right = float(it.log_prob(x)), float(mirrored.log_prob(-x)), exact.logpdf(x)
    mean = float(it.sample(key, (10_000,)).mean())
    seen[low] = log_prob, abs(other - right) < 1e-3 and abs(mean - exact.mean()) < 1e-2
    print(f"{low} to {low + 1}{log_prob:10.4f}{other:10.4f}{float(open_end.log_prob(x)):16.4f}", end="")
    print(f"{right:9.4f}{mean:16.4f}{exact.mean():9.4f}")
height = float(dist.TruncatedNormal(70.0, 0.4, low=72.5, high=73.5).log_prob(72.6))
print("mean 70, deviation 0.4, between 72.5 and 73.5: log_prob(72.6) =", height)
infinite = [low for low, (log_prob, _) in seen.items() if log_prob == math.inf]
rest = all(fine for _, fine in seen.values())
sys.exit(0 if infinite == [5.5, 6.0, 8.0] and rest and height == math.inf else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
