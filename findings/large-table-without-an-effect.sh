#!/usr/bin/env bash
# hypotestx gives a table of 15 x 15 in which the rows decide the columns p = 1, as if they were independent.
#
# Date: 2026-11-30
#
# Versions: hypotestx 1.0.6, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   A chi-square test of a table of 15 x 15 has 196 degrees of freedom. hypotestx computes its distribution itself,
#   without scipy.
#
#   A table of 15 x 15 where 10 times more than elsewhere is in one column of each row has a statistic of 17,000, and
#   hypotestx says that rows and columns are independent, with p = 1, where scipy has 0. From 20 x 20 on the p-value is
#   1 for each table, and of 18 x 18 it is 0 or 1. Small tables agree with scipy to many digits, so it is the surest
#   associations that are lost. The analysis of variance of 345 values is a ValueError, "cannot convert float NaN to
#   integer", for the same reason.
#
#   The source: `_gamma_series` and `_gamma_continued_fraction` in hypotestx/math/special.py multiply by powers and
#   exponentials that leave the range of numbers, and `ChiSquare.cdf` in math/distributions.py divides the result by
#   gamma(df / 2). The quotient is inf, -inf or NaN then, and the p-value is cut to 0 or 1. Logarithms of the gamma
#   function avoid this.
#
# Output seen:
#   table      association   statistic   p of hypotestx   p of scipy
#    5 x  5          none           14            0.629        0.629
#    5 x  5          weak           86          1.2e-11      1.2e-11
#    5 x  5        strong         2693                0            0
#   10 x 10          none           81            0.485        0.485
#   10 x 10          weak          295                0     3.68e-26
#   10 x 10        strong         9475                0            0
#   15 x 15          none          168             0.93         0.93
#   15 x 15          weak          467                0     3.36e-24
#   15 x 15        strong        17228                1            0
#   18 x 18          none          263                0        0.859
#   18 x 18          weak          564                1     6.49e-20
#   18 x 18        strong        22001                1            0
#   20 x 20          none          409                1       0.0418
#   20 x 20          weak          742                1     1.41e-28
#   20 x 20        strong        25699                1            0
#   30 x 30          none          848                1        0.421
#   30 x 30          weak         1365                1     1.47e-27
#   30 x 30        strong        43738                1            0
#   analysis of variance of 342 values: ValueError: Logarithm undefined for non-positive numbers, scipy p = 0.402
#   analysis of variance of 345 values: ValueError: cannot convert float NaN to integer, scipy p = 0.185
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
from hypotestx.tests.categorical import chi_square_test
from hypotestx.tests.parametric import anova_one_way
from scipy import stats

rng = np.random.default_rng(0)
seen = {}
print("table      association   statistic   p of hypotestx   p of scipy")
for size in (5, 10, 15, 18, 20, 30):
    for name, extra in (("none", 0), ("weak", 20), ("strong", 200)):
        table = np.random.default_rng(size).poisson(20, (size, size)) + extra * np.eye(size, dtype=int)
        own = chi_square_test(table.tolist())
        right = stats.chi2_contingency(table, correction=False)
        seen[size, name] = own.p_value, right.pvalue, abs(own.statistic - right.statistic)
        p = f"{own.p_value:14.3g}{right.pvalue:13.3g}"
        print(f"{size:2} x {size:2}{name:>14}{own.statistic:13.0f}   {p}")
for total in (342, 345):
    groups = [list(rng.normal(mean, 1, total // 3)) for mean in (0.0, 0.2, 0.4)]
    try:
        result = f"p = {anova_one_way(*groups).p_value:.3g}"
    except ValueError as error:
        result = f"{type(error).__name__}: {error}"
    print(f"analysis of variance of {total} values: {result}, scipy p = {stats.f_oneway(*groups).pvalue:.3g}")
small = all(abs(row[0] - row[1]) < 1e-6 for (size, _), row in seen.items() if size <= 10)
lost = all(row[0] == 1 for (size, _), row in seen.items() if size >= 20) and seen[18, "none"][0] in (0, 1)
strong = all(seen[size, "strong"][0] == 1 and seen[size, "strong"][1] < 1e-50 for size in (15, 18, 20, 30))
same = max(row[2] for row in seen.values()) < 1e-6
sys.exit(0 if small and lost and strong and same and "cannot convert" in result else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
