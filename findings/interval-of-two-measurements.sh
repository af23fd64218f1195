#!/usr/bin/env bash
# hypotestx gives two measurements the same interval for 95% and 99%: 10 errors to a side, where 12.7 and 64 are right.
#
# Date: 2026-11-30
#
# Versions: hypotestx 1.0.6, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   With two measurements there is one degree of freedom, and the quantiles of Student's t are large: 12.7 for an
#   interval of 95% and 63.7 for 99%. One of 99% is five times as wide as one of 95%.
#
#   In hypotestx both are 10.0. So the 95% and the 99% interval of 10 and 12 are the same, 1 to 21, where -1.7 to 23.7
#   and -52.7 to 74.7 are right. In a simulation the "99%" interval has the true mean in it in 94% of the cases.
#   one_sample_ttest and paired_ttest have the same interval, so the p-value of a test and its interval contradict each
#   other: the test of a mean of 0.5 has p = 0.06, and the interval leaves 0.5 out. With three measurements the 99.9%
#   quantile is wrong, too.
#
#   The source: `StudentT._inverse_t_cdf` in hypotestx/math/distributions.py looks for the quantile between -10 and 10,
#   and returns the end if it is not there.
#
# Output seen:
#   degrees of freedom   probability   hypotestx    scipy
#                    1        0.9750      10.000   12.706
#                    1        0.9950      10.000   63.657
#                    2        0.9750       4.303    4.303
#                    2        0.9995      10.000   31.599
#                    5        0.9750       2.571    2.571
#   95% of 10 and 12: 1.0 to 21.0, scipy -1.7 to 23.7
#   99% of 10 and 12: 1.0 to 21.0, scipy -52.7 to 74.7
#   test of a mean of 0.5: p = 0.060, interval 1.0 to 21.0
#   of 2,000 intervals of 99% the true mean is in 94.0%
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
packages=('hypotestx==1.0.6' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from hypotestx.math.distributions import StudentT
from hypotestx.stats.inference import confidence_interval_mean
from hypotestx.tests.parametric import one_sample_ttest
from scipy import stats

quantiles = {}
print("degrees of freedom   probability   hypotestx    scipy")
for freedom, probability in ((1, 0.975), (1, 0.995), (2, 0.975), (2, 0.9995), (5, 0.975)):
    quantiles[freedom, probability] = StudentT(freedom).ppf(probability), stats.t.ppf(probability, freedom)
    own, right = quantiles[freedom, probability]
    print(f"{freedom:18}{probability:14.4f}{own:12.3f}{right:9.3f}")
intervals = {}
for confidence in (0.95, 0.99):
    own = confidence_interval_mean([10.0, 12.0], confidence=confidence)
    right = stats.t.interval(confidence, 1, 11, 1)
    intervals[confidence] = *own, *right
    print(f"{confidence:.0%} of 10 and 12: {own[0]:.1f} to {own[1]:.1f}, scipy {right[0]:.1f} to {right[1]:.1f}")
test = one_sample_ttest([10.0, 12.0], mu=0.5)
low, high = test.confidence_interval
print(f"test of a mean of 0.5: p = {test.p_value:.3f}, interval {low:.1f} to {high:.1f}")
rng = np.random.default_rng(0)
hits = 0
for _ in range(2000):
    low_end, high_end = confidence_interval_mean(list(rng.normal(0, 1, 2)), confidence=0.99)
    hits += low_end <= 0 <= high_end
print(f"of 2,000 intervals of 99% the true mean is in {hits / 20:.1f}%")
same = intervals[0.95][:2] == intervals[0.99][:2]
wrong = all(abs(quantiles[1, p][0] - 10) < 1e-6 for p in (0.975, 0.995)) and abs(quantiles[2, 0.9995][0] - 10) < 1e-6
right = all(abs(quantiles[f, 0.975][0] - quantiles[f, 0.975][1]) < 1e-6 for f in (2, 5))
contradicts = test.p_value > 0.05 and not low <= 0.5 <= high
sys.exit(0 if same and wrong and right and contradicts and hits < 1900 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
