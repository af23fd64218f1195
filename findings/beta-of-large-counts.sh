#!/usr/bin/env bash
# scipy.stats.beta of integer counts has a deviation that is 16 times too large, or a negative variance.
#
# Date: 2026-11-28
#
# Versions: scipy 1.18.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The posterior of a rate after so many successes and failures is a Beta distribution, whose parameters are
#   counts, integers of Python or of an integer column. scipy.stats.beta takes them, and 3 and 3.0 are one
#   number, so one expects the same moments from both.
#
#   From some two million trials on they differ. _stats (scipy/stats/_continuous_distns.py) computes the
#   variance by products of up to three counts in the integer dtype of the parameters, and a product of more
#   than 2**63 wraps around without a warning. With ten million trials the deviation is 16 times that of
#   floats, with a hundred million 700 times; var can be negative and std NaN. The mean, cdf, ppf and the
#   intervals are right, so half of a report contradicts the other half. The excess kurtosis is wrong at some
#   hundred thousand trials.
#
# Output seen:
#         trials    of floats    of integers   half of the 68% interval of integers
#      1,000,000    1.706e-04    1.706e-04     1.706e-04
#     10,000,000    5.394e-05    8.664e-04     5.394e-05
#    100,000,000    1.706e-05    1.185e-02     1.706e-05
#   variance of beta(20000000, 10000000): -3.32e-05 7.41e-09
#   excess kurtosis of beta(200000, 100000): 0.002322328456735939 floats: -9.999933333777776e-06
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
packages=('scipy==1.18.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

import numpy as np
from scipy import stats

warnings.simplefilter("error")
ratios = []
print("      trials    of floats    of integers   half of the 68% interval of integers")
for trials in (1_000_000, 10_000_000, 100_000_000):
    successes = 3 * trials // 100
    counts = (successes + 1, trials - successes + 1)
    exact, wrong = stats.beta.std(*map(float, counts)), stats.beta.std(*counts)
    low, high = stats.beta.interval(0.6826895, *counts)
    ratios.append((wrong / exact, (high - low) / 2 / exact))
    print(f"{trials:12,}    {exact:.3e}    {wrong:.3e}     {(high - low) / 2:.3e}")
variance = stats.beta.var(20_000_000, 10_000_000), stats.beta.var(2e7, 1e7)
print("variance of beta(20000000, 10000000):", *(f"{value:.2e}" for value in variance))
column = np.array([20_000_000]), np.array([10_000_000])
print("excess kurtosis of beta(200000, 100000):", stats.beta.stats(200_000, 100_000, moments="k"), "floats:",
      stats.beta.stats(2e5, 1e5, moments="k"))
right = abs(ratios[0][0] - 1) < 0.01 and all(abs(interval - 1) < 0.01 for _, interval in ratios)
wrong = ratios[1][0] > 10 and ratios[2][0] > 100 and variance[0] < 0 < variance[1]
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
