#!/usr/bin/env bash
# esek corrects Cramer's V for its bias upwards: a perfect table has 1.005, and tables of pure chance get no less.
#
# Date: 2026-11-30
#
# Versions: esek 0.1.38, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, pingouin 0.6.1, arch 8.0.0,
#   astropy 8.0.2, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   Cramer's V is at most 1. It is too high on average for tables of pure chance, since it cannot be below 0. Bergsma's
#   correction of 2013 takes 1 / (n - 1) off the squared value, so that many tables of chance get 0.
#
#   bias_corrected_cramer of esek names Bergsma's correction. It is always larger than the value it corrects. It is
#   1.005 for a perfect table of 100 persons. For 2000 tables of chance its mean is 0.080, as that of V without a
#   correction. Bergsma's has 0.033, since 69 % of the tables get 0. With esek's only those get 0 whose V is 0.
#
#   The source: `ContingencyTable2x2.from_table` in esek/calculators/contingency_tables.py divides by the corrected
#   number of levels less 1, which is below 1. The other half of the correction, the subtraction of 1 / (n - 1), is
#   missing.
#
# Output seen:
#   perfect table: V 1.0000, esek corrected 1.0051
#       Bergsma 1.0000
#   2000 tables of chance: V 0.080, esek corrected 0.080, Bergsma 0.033
#   share of tables with 0: V 0.01, esek corrected 0.01, Bergsma 0.69
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
  'esek==0.1.38' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1' 'statsmodels==0.15.0' 'pingouin==0.6.1' 'arch==8.0.0'
  'astropy==8.0.2' 'scikit-learn==1.9.1'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import math
import sys

import numpy as np
from esek import ContingencyTable2x2

rng = np.random.default_rng(0)


def bergsma(table):
    n = table.sum()
    expected = np.outer(table.sum(1), table.sum(0)) / n
    phi2 = ((table - expected) ** 2 / expected).sum() / n
    levels = 2 - 1 / (n - 1)
    return math.sqrt(max(0.0, phi2 - 1 / (n - 1)) / (levels - 1))


perfect = np.array([[50, 0], [0, 50]])
result = ContingencyTable2x2.from_table(perfect)
print(f"perfect table: V {result.cramer_v:.4f}, esek corrected {result.bias_corrected_cramer:.4f}")
print(f"    Bergsma {bergsma(perfect):.4f}")
rows = []
for _ in range(2000):
    row, column = rng.integers(0, 2, 100), rng.integers(0, 2, 100)
    table = np.histogram2d(row, column, bins=2)[0].astype(int)
    result = ContingencyTable2x2.from_table(table)
    rows.append((abs(result.phi), result.bias_corrected_cramer, bergsma(table)))
plain, own, right = np.mean(rows, axis=0)
print(f"2000 tables of chance: V {plain:.3f}, esek corrected {own:.3f}, Bergsma {right:.3f}")
zeros = (np.array(rows) == 0).mean(axis=0)
print(f"share of tables with 0: V {zeros[0]:.2f}, esek corrected {zeros[1]:.2f}, Bergsma {zeros[2]:.2f}")
up = all(mine >= v for v, mine, _ in rows)
sys.exit(0 if up and right < 0.6 * own and zeros[2] > 0.5 and bergsma(perfect) == 1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
