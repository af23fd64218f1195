#!/usr/bin/env bash
# episia gives 0 of 10 against 1 of 10 the risk ratio 0 with the interval 0 to 0, and calls it significant; p is 1.
#
# Date: 2026-11-30
#
# Versions: episia 0.1.3, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, Python 3.12, CPU.
#
# Behaviour:
#   If no one of 10 exposed persons is ill and 1 of 10 others is, nothing is known: Fisher's test has p = 1. An interval
#   for the risk ratio is wide: with 0.5 added to the counts, as Haldane and Anscombe do, it goes from 0.015 to 7.3. The
#   docstring of episia's interval says that it adds 0.5 "for zero cells, which avoids ZeroDivisionError when a=0 or
#   b=0".
#
#   episia's risk_ratio gives the interval 0 to 0 and prints a star: significant is True. The odds ratio does the same.
#   With one person ill in each group the interval is wide and nothing is significant. So a stratum with few persons
#   becomes the surest evidence of protection as soon as it has no case. If the unexposed have no case the interval is
#   inf to inf, and significant as well.
#
#   The source: `_wald_ci_rr` and `_wald_ci_or` in episia/stats/contingency.py return (0, 0) for an estimate of 0 before
#   they come to the correction, which is so never reached for a = 0.
#
# Output seen:
#   0 of 10 against 1 of 10
#     Risk Ratio: 0.000 (0.000-0.000) *, significant: True
#     Odds Ratio: 0.000 (0.000-0.000) *, significant: True
#     interval of the risk ratio with 0.5 added: 0.015-7.284, p of Fisher's test: 1.00
#   1 of 10 against 1 of 10
#     Risk Ratio: 1.000 (0.072-13.868), significant: False
#     Odds Ratio: 1.000 (0.054-18.574), significant: False
#     interval of the risk ratio with 0.5 added: 0.123-8.128, p of Fisher's test: 1.00
#   1 of 10 against 0 of 10
#     Risk Ratio: inf (inf-inf) *, significant: True
#     Odds Ratio: inf (0.120-91.601), significant: False
#     interval of the risk ratio with 0.5 added: 0.137-65.553, p of Fisher's test: 1.00
#   0 of 1000 against 3 of 1000
#     Risk Ratio: 0.000 (0.000-0.000) *, significant: True
#     Odds Ratio: 0.000 (0.000-0.000) *, significant: True
#     interval of the risk ratio with 0.5 added: 0.007-2.762, p of Fisher's test: 0.25
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


def corrected(a, b, c, d):
    """The interval of the risk ratio with 0.5 added to the cases and 0.5 to the sizes, as the docstring has it."""
    a, b, first, second = a + 0.5, b + 0.5, a + c + 0.5, b + d + 0.5
    deviation = np.sqrt(1 / a - 1 / first + 1 / b - 1 / second)
    return [float(a / first / (b / second) * np.exp(sign * 1.96 * deviation)) for sign in (-1, 1)]


CASES = [(0, 1, 10, 9), (1, 1, 9, 9), (1, 0, 9, 10), (0, 3, 1000, 997)]
seen = {}
for table in CASES:
    own = Table2x2(*table)
    ratio, odds, fisher = own.risk_ratio(), own.odds_ratio(), own.fisher_exact()["p_value"]
    seen[table] = ratio.significant, odds.significant, fisher, ratio.ci_lower, ratio.ci_upper
    low, high = corrected(*table)
    print(f"{table[0]} of {own.total_exposed} against {table[1]} of {own.total_unexposed}")
    print(f"  {ratio}, significant: {ratio.significant}")
    print(f"  {odds}, significant: {odds.significant}")
    print(f"  interval of the risk ratio with 0.5 added: {low:.3f}-{high:.3f}, p of Fisher's test: {fisher:.2f}")
none = seen[0, 1, 10, 9][:2] == (True, True) and seen[0, 1, 10, 9][3:] == (0.0, 0.0)
other = seen[1, 0, 9, 10][0] and not any(seen[1, 1, 9, 9][:2])
sys.exit(0 if none and other and all(row[2] > 0.2 for row in seen.values()) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
