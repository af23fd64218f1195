#!/usr/bin/env bash
# esek finds that a treatment halves a risk, or that nothing is shown, by which of the two groups is named first.
#
# Date: 2026-11-30
#
# Versions: esek 0.1.38, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, pingouin 0.6.1, arch 8.0.0,
#   astropy 8.0.2, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   Two groups of 100 have 20 and 10 events. A test with two sides and an interval of the relative risk cannot depend on
#   which group comes first: the p-values are the same, and the bounds of one interval are the inverse of those of the
#   other.
#
#   esek's Hauck-Anderson test has p = 0.059 for one order and 0.037 for the other. Its interval of the relative risk by
#   Jewell is 0.90 to 4.22, which holds 1, and 0.30 to 0.87, which does not. The other tests and intervals for the
#   relative risk, by Katz, Walters and Koopman, agree in both orders. So do the other tests. By hand the Hauck-Anderson
#   test has 0.059 for both orders.
#
#   The source: `TwoIndependentProportions.from_parameters` in
#   esek/calculators/proportions/two_independent_proportions.py takes corr_HA off the difference, not off its absolute
#   value, so a negative difference gets larger. For Jewell's variance it multiplies only a part of the sum by the
#   squared estimate.
#
# Output seen:
#   z_wald             p 0.0455, groups exchanged 0.0455
#   z_wald_pooled      p 0.0477, groups exchanged 0.0477
#   z_mantel_haenszel  p 0.0482, groups exchanged 0.0482
#   z_hauck_anderson   p 0.0587, groups exchanged 0.0367
#   Hauck and Anderson by hand: 0.0587
#   katz     0.987 to 4.054, exchanged and inverted 0.987 to 4.054
#   walters  0.979 to 3.894, exchanged and inverted 0.979 to 3.894
#   koopman  1.007 to 4.024, exchanged and inverted 1.007 to 4.024
#   jewell   0.903 to 4.220, exchanged and inverted 1.154 to 3.304
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

from esek.calculators.proportions.two_independent_proportions import TwoIndependentProportions
from scipy.stats import norm

first = TwoIndependentProportions.from_parameters(0.2, 0.1, 100, 100)
second = TwoIndependentProportions.from_parameters(0.1, 0.2, 100, 100)
for name in ("z_wald", "z_wald_pooled", "z_mantel_haenszel", "z_hauck_anderson"):
    print(f"{name:18} p {getattr(first, name).p_value:.4f}, groups exchanged {getattr(second, name).p_value:.4f}")
se = math.sqrt(0.2 * 0.8 / 99 + 0.1 * 0.9 / 99)
right = 2 * norm.sf((0.1 - 1 / 200) / se)
print(f"Hauck and Anderson by hand: {right:.4f}")
agree = {}
for name in ("katz", "walters", "koopman", "jewell"):
    one, two = getattr(first, f"ci_rr_{name}"), getattr(second, f"ci_rr_{name}")
    agree[name] = math.isclose(one.lower * two.upper, 1, rel_tol=1e-3)
    inverted = f"{1 / two.upper:.3f} to {1 / two.lower:.3f}"
    print(f"{name:8} {one.lower:.3f} to {one.upper:.3f}, exchanged and inverted {inverted}")
test = first.z_hauck_anderson.p_value > 0.05 > second.z_hauck_anderson.p_value
rest = math.isclose(first.z_wald.p_value, second.z_wald.p_value)
jewell = first.ci_rr_jewell.lower < 1 and second.ci_rr_jewell.upper < 1
only = agree == {"katz": True, "walters": True, "koopman": True, "jewell": False}
sys.exit(0 if test and rest and jewell and only else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
