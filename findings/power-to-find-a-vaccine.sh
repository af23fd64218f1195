#!/usr/bin/env bash
# episia gives a study of a vaccine the power 8e-7, with the very size that it computed for a power of 0.8.
#
# Date: 2026-11-30
#
# Versions: episia 0.1.3, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, Python 3.12, CPU.
#
# Behaviour:
#   sample_size_risk_ratio of episia computes how many persons a study needs for a wanted power, and power_calculation
#   computes the power of a study of a given size. The one is the inverse of the other. Both take a risk ratio, which is
#   below 1 for a vaccine or a treatment that protects.
#
#   For a risk of 0.2 and a risk ratio of 0.5 sample_size_risk_ratio asks for 199 persons in each group, which is right
#   for a power of 0.8. power_calculation gives a study of 199 the power 0.0000008. A simulation of such studies finds
#   0.81. The more persons, the lower the power; no size is enough. For a risk ratio of 2 both agree. In a case-control
#   study an odds ratio below 1 has the same fault.
#
#   The source: `power_calculation` in episia/stats/samplesize.py subtracts the critical value from the signed
#   difference of the risks, which is below 0 here; its absolute value is meant.
#
# Output seen:
#   risk ratio   persons for a power of 0.8   power of that size by episia   by simulation
#          2.0                           82                        8.0e-01            0.81
#          1.5                          294                        8.0e-01            0.81
#          0.7                          615                        8.9e-07            0.80
#          0.5                          199                        7.9e-07            0.80
#          0.1                           47                        3.6e-07            0.89
#   2,000 persons in each group, risk ratio 0.5: 4.4e-28
#   case-control study of 186 cases, odds ratio 0.5: 7.7e-07
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
packages=('episia==0.1.3' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1' 'statsmodels==0.15.0')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from episia.stats.samplesize import StudyDesign, power_calculation, sample_size_odds_ratio, sample_size_risk_ratio


def simulate(size, first, second):
    """The part of 20,000 studies in which the test of two proportions rejects at 5%."""
    rng = np.random.default_rng(0)
    a, b = (rng.binomial(int(size), risk, 20_000) / size for risk in (first, second))
    pooled = (a + b) / 2
    return float(np.mean(np.abs(a - b) > 1.959964 * np.sqrt(pooled * (1 - pooled) * 2 / size)))


seen = {}
print("risk ratio   persons for a power of 0.8   power of that size by episia   by simulation")
for ratio in (2.0, 1.5, 0.7, 0.5, 0.1):
    size = sample_size_risk_ratio(0.2, ratio).n_per_group
    power = power_calculation(n_per_group=size, risk_unexposed=0.2, risk_ratio=ratio).power
    seen[ratio] = size, power, simulate(size, 0.2 * ratio, 0.2)
    print(f"{ratio:10.1f}{seen[ratio][0]:29.0f}{seen[ratio][1]:31.1e}{seen[ratio][2]:16.2f}")
more = power_calculation(n_per_group=2000, risk_unexposed=0.2, risk_ratio=0.5).power
print(f"2,000 persons in each group, risk ratio 0.5: {more:.1e}")
cases = sample_size_odds_ratio(0.3, 0.5).n_cases
control = power_calculation(
    n_cases=cases, odds_ratio=0.5, proportion_exposed_controls=0.3, design=StudyDesign.CASE_CONTROL
).power
print(f"case-control study of {cases:.0f} cases, odds ratio 0.5: {control:.1e}")
right = all(abs(seen[ratio][1] - 0.8) < 0.03 for ratio in (2.0, 1.5))
lost = all(seen[ratio][1] < 1e-3 for ratio in (0.7, 0.5, 0.1)) and control < 1e-3 and more < 1e-9
sys.exit(0 if right and lost and all(0.75 < row[2] < 0.9 for row in seen.values()) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
