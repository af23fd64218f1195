#!/usr/bin/env bash
# ab_methods divides a metric by its post-stratification: 100 for each user becomes 50 with two strata, 25 with four.
#
# Date: 2026-11-30
#
# Versions: ab-methods 0.1.0, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, matplotlib 3.11.2, tqdm 4.70.1, Python 3.12, CPU.
#
# Behaviour:
#   Post-stratification estimates the mean of a population by the sum over its strata of weight times mean. If the
#   weights are those of the sample, this is the mean of the sample. It is to make an estimate less noisy, and does not
#   change what it estimates.
#
#   get_poststratified_metrics of ab_methods gives each user the mean of the stratum times its weight. The mean over the
#   users then weighs each stratum twice. A metric that is 100 for all becomes 50 with two equal strata, 25 with four
#   and 1 with a hundred. The groups of a test with other shares of the strata differ then although each user is the
#   same: with shares of 50:50 and 90:10 the "metric" is 50 and 82, and a t test finds the difference with p = 0. The
#   reduction of the variance that it prints is that of this product.
#
#   The source: `get_poststratified_metrics` in ab_methods/ab_methods.py maps each stratum to group_means *
#   group_weights, whose sum over the strata, and not its mean over the users, is the estimate.
#
# Output seen:
#   metric of 100 for each of 1,200 users
#       1 equal strata: mean of the post-stratified metric 100.0
#       2 equal strata: mean of the post-stratified metric 50.0
#       4 equal strata: mean of the post-stratified metric 25.0
#     100 equal strata: mean of the post-stratified metric 1.0
#   two groups of the same users, strata of 50:50 and 90:10: 50.0 and 82.0, p = 0
#   three strata with means of 10, 50 and 200: ab_methods 15.1, weighted sum of the means 60.3
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
packages=('ab-methods==0.1.0' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1' 'matplotlib==3.11.2' 'tqdm==4.70.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import contextlib
import io
import sys
import warnings

import numpy as np
from ab_methods.ab_methods import get_poststratified_metrics
from scipy import stats

warnings.simplefilter("ignore")


def estimate(metric, strata):
    """The values of ab_methods, and what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        values = np.asarray(get_poststratified_metrics(metric, strata, make_plot=False))
    return values, printed.getvalue()


seen = {}
print("metric of 100 for each of 1,200 users")
for count in (1, 2, 4, 100):
    values, _ = estimate(np.full(1200, 100.0), np.arange(1200) % count)
    seen[count] = values.mean()
    print(f"  {count:3} equal strata: mean of the post-stratified metric {seen[count]:.1f}")
even, odd = np.repeat([0, 1], [600, 600]), np.repeat([0, 1], [1080, 120])
first, second = (estimate(np.full(1200, 100.0), strata)[0] for strata in (even, odd))
with np.errstate(all="ignore"):
    p = stats.ttest_ind(first + 1e-9 * np.arange(1200), second).pvalue
means = f"{first.mean():.1f} and {second.mean():.1f}"
print(f"two groups of the same users, strata of 50:50 and 90:10: {means}, p = {p:.0g}")
rng = np.random.default_rng(0)
strata = rng.choice(3, 3000, p=[0.5, 0.3, 0.2])
metric = rng.normal(np.array([10.0, 50.0, 200.0])[strata], 1)
right = sum((strata == k).mean() * metric[strata == k].mean() for k in range(3))
own = estimate(metric, strata)[0].mean()
print(f"three strata with means of 10, 50 and 200: ab_methods {own:.1f}, weighted sum of the means {right:.1f}")
exact = all(abs(value - 100 / count) < 1e-9 for count, value in seen.items())
apart = second.mean() - first.mean() > 30
sys.exit(0 if exact and apart and abs(right - metric.mean()) < 1e-9 and own < 0.5 * right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
