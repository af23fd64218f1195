#!/usr/bin/env bash
# The highest density interval of abayes leaves the mode out: for no conversion of 60 it begins at 0.0003, not at 0.
#
# Date: 2026-11-30
#
# Versions: abayes 0.0.2, jax 0.4.38, jaxlib 0.4.38, numpy 2.5.5, scipy 1.18.1, numpyro 0.15.3, polars 2.1.0, beartype
#   0.23.1, Python 3.12, CPU.
#
# Behaviour:
#   The 95% highest density interval (HDI) of a posterior is the shortest one that holds 95% of it, so it has the most
#   likely values in it. credible_intervals of abayes "returns HDI (Highest Density Interval) following Kruschke's
#   approach".
#
#   It returns the interval between the 2.5% and the 97.5% quantile. For a group of 60 without any conversion the
#   posterior is Beta(1, 61), which is highest at 0. Its HDI is from 0 to 0.048. abayes says 0.0003 to 0.061, so the
#   most likely value, 0, is excluded as not credible, and the interval is a quarter longer than the HDI. The same is
#   true of the upper end for a group in which all convert, of a hazard ratio and of each posterior that is not
#   symmetrical.
#
#   The source: `TestResults.credible_intervals` in abayes/results.py takes two percentiles of the draws.
#
# Output seen:
#   control_rate:
#     abayes                              0.0003 to 0.0605
#     quantiles of the exact posterior    0.0004 to 0.0587
#     HDI of the exact posterior          0.0000 to 0.0479
#     shortest interval of 95% of the draws 0.0000 to 0.0479
#   treatment_rate:
#     abayes                              0.9408 to 0.9996
#     quantiles of the exact posterior    0.9413 to 0.9996
#     HDI of the exact posterior          0.9521 to 1.0000
#     shortest interval of 95% of the draws 0.9525 to 1.0000
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
  'abayes==0.0.2' 'jax==0.4.38' 'jaxlib==0.4.38' 'numpy==2.5.5' 'scipy==1.18.1' 'numpyro==0.15.3' 'polars==2.1.0'
  'beartype==0.23.1'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
import polars as pl
from abayes import BayesianTest, ConversionConfig
from scipy import stats

GROUP = 60
test = BayesianTest(ConversionConfig(name="no conversion in one group"))
outcomes = np.zeros(2 * GROUP, np.float32)
outcomes[GROUP:] = 1
test.add_data(pl.DataFrame({"variant": ["control"] * GROUP + ["treatment"] * GROUP, "outcome": outcomes}))
results = test.analyze()
intervals = results.credible_intervals()
RIGHT = {
    "control_rate": (stats.beta(1, GROUP + 1), (0.0, stats.beta(1, GROUP + 1).ppf(0.95))),
    "treatment_rate": (stats.beta(GROUP + 1, 1), (stats.beta(GROUP + 1, 1).ppf(0.05), 1.0)),
}
seen = {}
for name, (posterior, hdi) in RIGHT.items():
    draws = np.sort(np.asarray(results.samples[name], float))
    count = int(np.ceil(0.95 * len(draws)))
    first = (draws[count - 1 :] - draws[: len(draws) - count + 1]).argmin()
    shortest = draws[first], draws[first + count - 1]
    seen[name] = *intervals[name], *hdi, *shortest
    print(f"{name}:")
    print(f"  abayes                              {intervals[name][0]:.4f} to {intervals[name][1]:.4f}")
    print(f"  quantiles of the exact posterior    {posterior.ppf(0.025):.4f} to {posterior.ppf(0.975):.4f}")
    print(f"  HDI of the exact posterior          {hdi[0]:.4f} to {hdi[1]:.4f}")
    print(f"  shortest interval of 95% of the draws {shortest[0]:.4f} to {shortest[1]:.4f}")
zero, one = seen["control_rate"], seen["treatment_rate"]
excluded = zero[0] > 2e-4 and zero[1] > 0.053 and one[1] < 0.9998
sys.exit(0 if excluded and abs(zero[5] - zero[3]) < 0.003 and zero[4] < 1e-4 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
