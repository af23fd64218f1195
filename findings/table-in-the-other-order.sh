#!/usr/bin/env bash
# esek has 1.00 or 0.25 as the corrected phi of one table: it depends on the order in which its rows are written.
#
# Date: 2026-11-30
#
# Versions: esek 0.1.38, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, pingouin 0.6.1, arch 8.0.0,
#   astropy 8.0.2, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   phi cannot reach 1 when the two margins of a table differ. max_corrected_phi of esek divides phi by the largest
#   value that the margins allow. A table with an empty cell has the largest association its margins allow, so it has 1.
#
#   A table is written twice, with both its rows and its columns in the other order the second time. phi is 0.5 both
#   times, and so is the largest possible phi. esek's corrected phi is 1.00 the one time and 0.25 the other time. Of
#   1000 random tables 997 change with the order. For 722 the corrected value is below phi in one of the orders,
#   although no divisor can be above 1.
#
#   The source: `ContingencyTable2x2.from_table` in esek/calculators/contingency_tables.py has two formulas and chooses
#   by the sums of the rows. For row sums r1, r2 and column sums c1, c2 the maximum of a positive phi is the root of (r1
#   c2) / (r2 c1) or its inverse, whichever is below 1. esek uses the first one if r2 is above r1, whether it is below 1
#   or not. Else it uses the root of (r1 c1) / (r2 c2).
#
# Output seen:
#   as it is [[20, 0], [30, 50]]: phi 0.5, corrected 1.0
#       largest phi of the margins 0.5, right 1.0
#   in the other order [[50, 30], [0, 20]]: phi 0.5, corrected 0.25
#       largest phi of the margins 0.5, right 1.0
#   random tables that change with the order: 997 of 1000; below phi one time: 722
#   random tables whose largest phi is the root or its inverse: 1000 of 1000
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


def largest_phi(table):
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    n, best = table.sum(), 0.0
    for a in range(int(max(0, rows[0] - columns[1])), int(min(rows[0], columns[0])) + 1):
        best = max(best, (a * n - rows[0] * columns[0]) / math.sqrt(np.prod(np.r_[rows, columns].astype(float))))
    return best


first = np.array([[20, 0], [30, 50]])
corrected = []
for name, table in (("as it is", first), ("in the other order", first[::-1, ::-1])):
    result = ContingencyTable2x2.from_table(table)
    corrected.append(result.max_corrected_phi)
    print(f"{name} {table.tolist()}: phi {result.phi}, corrected {result.max_corrected_phi}")
    print(f"    largest phi of the margins {largest_phi(table)}, right {result.phi / largest_phi(table)}")
rng = np.random.default_rng(0)
changed = below = formula = 0
for _ in range(1000):
    table = rng.integers(5, 50, (2, 2))
    if np.linalg.det(table) <= 0:
        table = table[::-1]
    (r1, r2), (c1, c2) = table.sum(axis=1), table.sum(axis=0)
    root = math.sqrt(r1 * c2 / (r2 * c1))
    formula += math.isclose(min(root, 1 / root), largest_phi(table))
    pair = [ContingencyTable2x2.from_table(t) for t in (table, table[::-1, ::-1])]
    values = [r.max_corrected_phi for r in pair]
    if abs(values[0] - values[1]) > 1e-4:
        changed += 1
        below += min(values) < pair[0].phi - 1e-6
print(f"random tables that change with the order: {changed} of 1000; below phi one time: {below}")
print(f"random tables whose largest phi is the root or its inverse: {formula} of 1000")
sys.exit(0 if corrected == [1.0, 0.25] and changed > 900 and below > 500 and formula == 1000 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
