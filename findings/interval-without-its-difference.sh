#!/usr/bin/env bash
# atmos_toolbox finds a difference of 4.6 and gives it the confidence interval -1.1 to 1.1, around no difference.
#
# Date: 2026-11-30
#
# Versions: atmos-toolbox 3.6.2, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   bootstrap_mean_test of atmos_toolbox returns the difference of the means of two samples, a p-value, an effect size
#   and the confidence interval of the difference. A bootstrap interval comes from samples that are drawn from x and
#   from y, so it lies around the observed difference.
#
#   The interval that it returns lies around 0, whatever the difference is. For two samples of 40 with means of 15 and
#   10 and a deviation of 1 it is from -1.1 to 1.1, and the observed difference of 4.6 is not in it. It is also the
#   wider the larger the difference is. The p-value of the same result is 0. In 300 trials with a true difference of 1
#   the interval covers it in none, where 95% is meant.
#
#   The source: `bootstrap_mean_test` in atmos_toolbox/stats_func.py draws both samples from x and y put together, as
#   the test of no difference needs it, and takes the percentiles of those draws for the interval, too.
#
# Output seen:
#   true difference   observed   interval of atmos_toolbox   scipy's bootstrap   p-value
#                 0      -0.36         -0.42 to 0.42           -0.77 to 0.05     0.085
#                 1       1.26         -0.48 to 0.47            0.88 to 1.71     0.000
#                 5       4.61         -1.07 to 1.09            4.24 to 5.00     0.000
#                20      20.01         -4.38 to 4.44          19.55 to 20.46     0.000
#   of 300 intervals for a true difference of 1, those that have 1 in them: 0, of a t test: 287
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
packages=('atmos-toolbox==3.6.2' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from atmos_toolbox.stats_func import bootstrap_mean_test
from scipy import stats

rng = np.random.default_rng(0)
seen = {}
print("true difference   observed   interval of atmos_toolbox   scipy's bootstrap   p-value")
for difference in (0.0, 1.0, 5.0, 20.0):
    x, y = rng.normal(10 + difference, 1, 40), rng.normal(10, 1, 40)
    np.random.seed(0)
    result = bootstrap_mean_test(x, y, n_bootstraps=4000)
    right = stats.bootstrap((x, y), lambda a, b, axis: a.mean(axis) - b.mean(axis), n_resamples=4000, rng=rng)
    low, high = result["conf_interval"]
    seen[difference] = result["observed_diff"], low, high, right.confidence_interval
    ends = f"{right.confidence_interval.low:.2f} to {right.confidence_interval.high:.2f}"
    p = result["p_value"]
    print(f"{difference:15.0f}{seen[difference][0]:11.2f}{low:14.2f} to {high:.2f}{ends:>24}{p:10.3f}")
hits = [0, 0]
for _ in range(300):
    x, y = rng.normal(1, 1, 40), rng.normal(0, 1, 40)
    low, high = bootstrap_mean_test(x, y, n_bootstraps=300)["conf_interval"]
    hits[0] += low <= 1 <= high
    low, high = stats.ttest_ind(x, y).confidence_interval()
    hits[1] += low <= 1 <= high
print(f"of 300 intervals for a true difference of 1, those that have 1 in them: {hits[0]}, of a t test: {hits[1]}")
outside = all(not low <= observed <= high for observed, low, high, _ in list(seen.values())[1:])
right = all(interval.low <= observed <= interval.high for observed, _, _, interval in seen.values())
sys.exit(0 if outside and right and hits[0] < 30 and hits[1] > 270 and seen[20.0][2] > 3 * seen[5.0][2] > 0 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
