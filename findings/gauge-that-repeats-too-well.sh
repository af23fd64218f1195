#!/usr/bin/env bash
# qualistics finds a gauge twice as repeatable as it is, and puts the other half of its error onto the operators.
#
# Date: 2026-11-30
#
# Versions: qualistics 0.1.0, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, Python 3.12, CPU.
#
# Behaviour:
#   A gauge study splits the variance of measurements into that of the parts, of the operators, of their interaction and
#   of the gauge itself, its repeatability. gauge_rr of qualistics makes a "Minitab-style Gage R&R table". Minitab
#   computes the variance components by an analysis of variance: the repeatability is the mean square within the cells,
#   and the others are differences of mean squares.
#
#   With 10 parts, 3 operators and 2 repeats, a gauge variance of 1 and operators that do not differ at all, qualistics
#   finds a repeatability of 0.51 and an operator-by-part variance of 0.30, in the mean of 300 studies. With ANOVA they
#   are 1.00 and 0.07, as negative ones are set to 0. So a bad gauge seems to be good, and its operators are sent to a
#   training. With 10 repeats they are 0.92 and 0.06, and the bias does not end with more parts.
#
#   The source: `gauge_rr` in qualistics/gauge/gauge_rr.py takes the variance of the deviations from the cell means with
#   n - 1 degrees of freedom, where n minus the number of cells are left. The variances of the means of parts, of
#   operators and of cells are taken as they are, with the part of the gauge's error that they have.
#
# Output seen:
#   parts x operators x repeats   component                     true   qualistics   ANOVA
#   10 x 3 x 2                    Repeatability (Instrument)     1.0         0.51    1.00
#   10 x 3 x 2                    Operator-by-Part               0.0         0.30    0.07
#   10 x 3 x 2                    Between Operators              0.0         0.05    0.02
#   10 x 3 x 10                   Repeatability (Instrument)     1.0         0.92    1.02
#   10 x 3 x 10                   Operator-by-Part               0.0         0.06    0.01
#   10 x 3 x 10                   Between Operators              0.0         0.01    0.01
#   60 x 3 x 2                    Repeatability (Instrument)     1.0         0.50    1.00
#   60 x 3 x 2                    Operator-by-Part               0.0         0.33    0.03
#   60 x 3 x 2                    Between Operators              0.0         0.01    0.00
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
packages=('qualistics==0.1.0' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
import pandas as pd
from qualistics.gauge import gauge_rr


def anova(y):
    """Variance components of repeatability, interaction and operators, by an analysis of variance."""
    parts, operators, repeats = y.shape
    mean, cells, by_part, by_operator = y.mean(), y.mean(2), y.mean((1, 2)), y.mean((0, 2))
    within = ((y - cells[:, :, None]) ** 2).sum() / (parts * operators * (repeats - 1))
    both = repeats * ((cells - by_part[:, None] - by_operator + mean) ** 2).sum() / ((parts - 1) * (operators - 1))
    operator = parts * repeats * ((by_operator - mean) ** 2).sum() / (operators - 1)
    return within, max((both - within) / repeats, 0), max((operator - both) / parts / repeats, 0)


ROWS = ["Repeatability (Instrument)", "Operator-by-Part", "Between Operators"]
rng = np.random.default_rng(0)
seen = {}
print("parts x operators x repeats   component                     true   qualistics   ANOVA")
for shape, studies in (((10, 3, 2), 300), ((10, 3, 10), 60), ((60, 3, 2), 60)):
    own, right = [], []
    for _ in range(studies):
        y = rng.normal(0, 2, shape[0])[:, None, None] + rng.normal(0, 1, shape)
        part, operator, _ = np.indices(shape).reshape(3, -1)
        columns = {"Part": part, "Operator": operator, "Measurement": y.ravel(), "Randomised Order": np.arange(y.size)}
        table = gauge_rr(pd.DataFrame(columns)).assign(Source=lambda t: t["Source"].str.strip()).set_index("Source")
        own.append([float(table.loc[row, "Variance"]) for row in ROWS])
        right.append(anova(y))
    seen[shape] = np.mean(own, axis=0), np.mean(right, axis=0)
    for row, true, first, second in zip(ROWS, (1.0, 0.0, 0.0), *seen[shape]):
        print(f"{' x '.join(map(str, shape)):30}{row:28}{true:6.1f}{first:13.2f}{second:8.2f}")
small, many, parts = seen.values()
wrong = 0.45 < small[0][0] < 0.56 and small[0][1] > 0.25 and 0.45 < parts[0][0] < 0.56 and many[0][0] < 0.95
sys.exit(0 if wrong and all(0.95 < row[1][0] < 1.05 for row in seen.values()) and small[1][1] < 0.12 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
