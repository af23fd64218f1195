#!/usr/bin/env bash
# The Sen index of povertyInequalityMeasures rises with the wealth of the rich: it takes the Gini of all persons.
#
# Date: 2026-11-30
#
# Versions: povertyInequalityMeasures 1.1.1, numpy 2.5.5, pandas 3.1.1, Python 3.12, CPU.
#
# Behaviour:
#   The index of Sen measures poverty by the number of the poor, how poor they are and how unequal they are among
#   themselves. The handbook of the World Bank, on the page that the readme cites for get_sen_index, has P0 G + P1 (1 -
#   G), where G is the Gini coefficient among the poor. What those above the poverty line have does not enter it; this
#   is one of Sen's axioms.
#
#   get_sen_index puts the Gini coefficient of the whole population there. The same four poor persons have an index of
#   0.215 if the four others have 110 each, and of 0.458 if one of them has a million; 0.216 is right in each case. So a
#   country where the rich become richer and nothing else changes is poorer by this index. If all four poor persons have
#   the same income the index is to be P1, 0.15 here; it is 0.303.
#
#   The source: `get_sen_index` in povertyInequalityMeasures/poverty.py calls inequality.get_gini with all of the data.
#
# Output seen:
#   incomes                        get_sen_index   handbook   its other form   gap index P1
#   four others have 110                   0.215      0.216            0.216          0.163
#   four others have 1,000                 0.312      0.216            0.216          0.163
#   one other has a million                0.458      0.216            0.216          0.163
#   equal poor, others 1,000               0.303      0.150            0.150          0.150
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
from povertyInequalityMeasures import poverty

LINE = 100


def sen(incomes):
    """The index by the formula of the handbook, and by its other form, P0 (1 - (1 - G) mean of the poor / line)."""
    poor = np.array([income for income in incomes if income < LINE], float)
    share, gap = len(poor) / len(incomes), ((LINE - poor) / LINE).sum() / len(incomes)
    gini = np.abs(poor[:, None] - poor).mean() / 2 / poor.mean()
    return share * gini + gap * (1 - gini), share * (1 - (1 - gini) * poor.mean() / LINE)


POOR = [40, 60, 80, 90]
CASES = {
    "four others have 110": POOR + [110] * 4,
    "four others have 1,000": POOR + [1000] * 4,
    "one other has a million": POOR + [110] * 3 + [1_000_000],
    "equal poor, others 1,000": [70] * 4 + [1000] * 4,
}
seen = {}
print("incomes                        get_sen_index   handbook   its other form   gap index P1")
for name, incomes in CASES.items():
    data = pd.DataFrame({"income": np.array(incomes, float), "weight": 1.0})
    own = float(poverty.get_sen_index(LINE, data, "income", "weight"))
    seen[name] = own, *sen(incomes), float(poverty.get_poverty_gap_index(LINE, data, "income", "weight"))
    print(f"{name:28}{own:16.3f}{seen[name][1]:11.3f}{seen[name][2]:17.3f}{seen[name][3]:15.3f}")
rows = list(seen.values())
same = all(abs(row[1] - row[2]) < 1e-9 for row in rows) and abs(rows[3][1] - rows[3][3]) < 1e-6
constant = max(row[1] for row in rows[:3]) - min(row[1] for row in rows[:3]) < 1e-9
sys.exit(0 if same and constant and rows[2][0] > rows[0][0] + 0.15 and rows[3][0] > 2 * rows[3][1] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
