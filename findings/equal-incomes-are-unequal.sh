#!/usr/bin/env bash
# povertyInequalityMeasures gives two groups of equal income a Gini coefficient of 0.25, where 0 is right.
#
# Date: 2026-11-30
#
# Versions: povertyInequalityMeasures 1.1.1, numpy 2.5.5, pandas 3.1.1, Python 3.12, CPU.
#
# Behaviour:
#   The Gini coefficient is 0 if all incomes are equal. The handbook of the World Bank that get_gini cites has 1 - sum
#   of (x[i] - x[i-1]) (y[i] + y[i-1]) for it, with the cumulative parts x of the persons and y of the income, from x[0]
#   = y[0] = 0 on.
#
#   get_gini gives two groups of 500 persons with the same income 0.25, five groups 0.04 and one group 1, the greatest
#   inequality. A row of a survey stands for as many persons as its weight says, so a row that is repeated is the same
#   as one of twice the weight; here the result falls from 0.25 to 0.06. The incomes 100, 110, 150 and 160 have 0.15,
#   where 0.11 is right. The error is the part of the poorest row in the persons times its part in the income, so it is
#   small for a survey of thousands of equal rows, and large for grouped data such as quintiles.
#
#   The source: `get_gini` in povertyInequalityMeasures/inequality.py begins its sum with the second row, so the first
#   piece of the area under the Lorenz curve, from 0 to the first row, is missing.
#
# Output seen:
#   data                           get_gini   handbook   mean difference
#   one group                        1.0000     0.0000            0.0000
#   two equal groups                 0.2500     0.0000            0.0000
#   the same, each in two rows       0.0625     0.0000            0.0000
#   five equal groups                0.0400     0.0000            0.0000
#   100, 110, 150, 160               0.1538     0.1058            0.1058
#   1,000 rows                       0.4170     0.4170            0.4170
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
packages=('povertyInequalityMeasures==1.1.1' 'numpy==2.5.5' 'pandas==3.1.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
import pandas as pd
from povertyInequalityMeasures.inequality import get_gini


def mean_difference(incomes, weights):
    """Half of the mean difference of two persons, by the mean."""
    incomes, weights = np.asarray(incomes, float), np.asarray(weights, float) / np.sum(weights)
    differences = np.abs(incomes[:, None] - incomes) * weights[:, None] * weights
    return float(differences.sum() / 2 / (incomes * weights).sum())


def handbook(incomes, weights):
    """The formula of the handbook, from 0 on."""
    order = np.argsort(incomes)
    incomes, weights = np.asarray(incomes, float)[order], np.asarray(weights, float)[order]
    x = np.concatenate([[0], np.cumsum(weights)]) / weights.sum()
    y = np.concatenate([[0], np.cumsum(incomes * weights)]) / (incomes * weights).sum()
    return float(1 - np.sum(np.diff(x) * (y[1:] + y[:-1])))


CASES = {
    "one group": ([100], [1000]),
    "two equal groups": ([100, 100], [500, 500]),
    "the same, each in two rows": ([100] * 4, [250] * 4),
    "five equal groups": ([100] * 5, [200] * 5),
    "100, 110, 150, 160": ([100, 110, 150, 160], [1] * 4),
    "1,000 rows": (list(np.random.default_rng(0).lognormal(8, 0.8, 1000)), [3] * 1000),
}
seen = {}
print("data                           get_gini   handbook   mean difference")
for name, (incomes, weights) in CASES.items():
    data = pd.DataFrame({"income": incomes, "weight": weights})
    own = float(get_gini(data, "income", "weight"))
    seen[name] = own, handbook(incomes, weights), mean_difference(incomes, weights)
    print(f"{name:28}{seen[name][0]:11.4f}{seen[name][1]:11.4f}{seen[name][2]:18.4f}")
same = all(abs(row[1] - row[2]) < 1e-9 for row in seen.values())
wrong = seen["one group"][0] == 1 and seen["two equal groups"][0] == 0.25 and seen["five equal groups"][0] == 0.04
near = abs(seen["1,000 rows"][0] - seen["1,000 rows"][1]) < 1e-4
sys.exit(0 if same and wrong and near and seen["100, 110, 150, 160"][0] > 1.4 * seen["100, 110, 150, 160"][1] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
