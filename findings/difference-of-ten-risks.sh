#!/usr/bin/env bash
# episia pools two tables to a risk difference of 10, where 0.2 is right, and to a risk ratio of 1.7, where it is 2.5.
#
# Date: 2026-11-30
#
# Versions: episia 0.1.3, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, Python 3.12, CPU.
#
# Behaviour:
#   mantel_haenszel_or of episia pools 2x2 tables of several strata, and its result has an odds ratio, a risk ratio, a
#   risk difference and an interval of the odds ratio by the method of Robins. A table of episia has the cases in its
#   first row and the exposed in its first column, Table2x2(exposed cases, unexposed cases, exposed others, unexposed
#   others).
#
#   The pooled odds ratio is right. The pooled risk ratio of two strata with ratios of 4.0 and 2.0 is 1.71, outside of
#   both, where 2.50 is right. The risk difference is 10.0, where 0.20 is right; with ten times as many persons it is
#   100. The interval of the odds ratio is from 2.51 to 6.37, where 2.34 to 6.85 is right.
#
#   The source: `mantel_haenszel_or` in episia/stats/stratified.py takes (a + b) and (c + d) for the sizes of the two
#   groups, which are (a + c) and (b + d) in this layout. It divides the sum of the differences by the number of strata
#   and not by the sum of the weights, and its variance pairs each of the terms P, Q of Robins with the wrong one of R,
#   S.
#
# Output seen:
#   stratum: risk ratio 4.00, difference 0.15
#   stratum: risk ratio 2.00, difference 0.30
#   two strata
#     odds ratio         4.000   statsmodels 4.000
#     its interval     2.513 to 6.367   statsmodels 2.335 to 6.853
#     risk ratio         1.714   statsmodels 2.500, formula 2.500
#     risk difference   10.000   formula 0.200
#   ten times as many persons
#     odds ratio         4.000   statsmodels 4.000
#     its interval     3.453 to 4.633   statsmodels 3.374 to 4.742
#     risk ratio         1.714   statsmodels 2.500, formula 2.500
#     risk difference  100.000   formula 0.200
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
from episia.stats.contingency import Table2x2
from episia.stats.stratified import mantel_haenszel_or
from statsmodels.stats.contingency_tables import StratifiedTable


def compare(tables, label):
    """The pooled measures of episia, of statsmodels and by their formulas."""
    own = mantel_haenszel_or(tables)
    other = StratifiedTable([np.array([[t.a, t.c], [t.b, t.d]]) for t in tables])
    weights = [(t.a + t.c) * (t.b + t.d) / t.total for t in tables]
    ratio = sum(t.a * (t.b + t.d) / t.total for t in tables) / sum(t.b * (t.a + t.c) / t.total for t in tables)
    differences = [t.a / (t.a + t.c) - t.b / (t.b + t.d) for t in tables]
    difference = sum(w * d for w, d in zip(weights, differences)) / sum(weights)
    low, high = other.oddsratio_pooled_confint()
    print(label)
    print(f"  odds ratio       {own.common_or:7.3f}   statsmodels {other.oddsratio_pooled:.3f}")
    print(f"  its interval     {own.or_ci[0]:.3f} to {own.or_ci[1]:.3f}   statsmodels {low:.3f} to {high:.3f}")
    print(f"  risk ratio       {own.common_rr:7.3f}   statsmodels {other.riskratio_pooled:.3f}, formula {ratio:.3f}")
    print(f"  risk difference  {own.common_rd:7.3f}   formula {difference:.3f}")
    return own, other, ratio, difference


TABLES = [(20, 10, 80, 190), (60, 15, 40, 35)]
for a, b, c, d in TABLES:
    print(f"stratum: risk ratio {a / (a + c) / (b / (b + d)):.2f}, difference {a / (a + c) - b / (b + d):.2f}")
own, other, ratio, difference = compare([Table2x2(*counts) for counts in TABLES], "two strata")
large = compare([Table2x2(*(10 * count for count in counts)) for counts in TABLES], "ten times as many persons")[0]
same = abs(own.common_or - other.oddsratio_pooled) < 1e-6 and abs(other.riskratio_pooled - ratio) < 1e-6
low, high = other.oddsratio_pooled_confint()
wrong = own.common_rd > 5 and large.common_rd > 50 and own.common_rr < 1.9 < ratio and difference < 0.3
sys.exit(0 if same and wrong and own.or_ci[0] > low + 0.1 and own.or_ci[1] < high - 0.3 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
