#!/usr/bin/env bash
# episia attributes 67% of the cases to an exposure, where 50% is right: it mixes two formulas for that fraction.
#
# Date: 2026-11-30
#
# Versions: episia 0.1.3, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, Python 3.12, CPU.
#
# Behaviour:
#   The attributable fraction of a population is the part of its cases that would not be there without the exposure:
#   (risk of all - risk of the unexposed) / risk of all. There are two formulas for it. That of Levin has the part of
#   the population that is exposed, p (RR - 1) / (p (RR - 1) + 1). That of Miettinen has the part of the cases that is
#   exposed, p (RR - 1) / RR. Both give the same.
#
#   attributable_fraction_population of episia puts the exposed part of the cases into the formula of Levin. So it is
#   too large for each harmful exposure: 0.667 for 40 cases among 100 exposed and 20 among 200 others, where (0.2 - 0.1)
#   / 0.2 = 0.5 is right. If 1% of the population is exposed to a tenfold risk, it says 0.45, where 0.083 is right. For
#   an exposure that protects it is wrong too: -0.053 where -0.067 is right.
#
#   The source: `Table2x2.attributable_fraction_population` in episia/stats/contingency.py; its docstring has the same
#   mixture.
#
# Output seen:
#   table                                    episia   by its meaning     Levin   Miettinen
#   40 of 100 exposed, 20 of 200 others       0.667            0.500     0.500       0.500
#   10 of 100 exposed, 99 of 9,900 others     0.452            0.083     0.083       0.083
#   1 of 100 exposed, 4 of 300 others        -0.053           -0.067    -0.067      -0.067
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

from episia.stats.contingency import Table2x2

CASES = {
    "40 of 100 exposed, 20 of 200 others": (40, 20, 60, 180),
    "10 of 100 exposed, 99 of 9,900 others": (10, 99, 90, 9801),
    "1 of 100 exposed, 4 of 300 others": (1, 4, 99, 296),
}
seen = {}
print("table                                    episia   by its meaning     Levin   Miettinen")
for name, (a, b, c, d) in CASES.items():
    ratio = a / (a + c) / (b / (b + d))
    everyone, unexposed = (a + b) / (a + b + c + d), b / (b + d)
    population, cases = (a + c) / (a + b + c + d), a / (a + b)
    levin = population * (ratio - 1) / (population * (ratio - 1) + 1)
    miettinen = cases * (ratio - 1) / ratio
    own = Table2x2(a, b, c, d).attributable_fraction_population()
    seen[name] = own, (everyone - unexposed) / everyone, levin, miettinen
    print(f"{name:38}{seen[name][0]:9.3f}{seen[name][1]:17.3f}{levin:10.3f}{miettinen:12.3f}")
same = all(abs(value - row[1]) < 1e-9 for row in seen.values() for value in row[2:])
first, second, third = seen.values()
sys.exit(0 if same and first[0] > 0.66 and second[0] > 5 * second[1] and abs(third[0] - third[1]) > 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
