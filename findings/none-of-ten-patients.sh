#!/usr/bin/env bash
# episia's exact interval of 0 in 10 patients ends at 7.2%, where 30.8% is right: it takes the confidence for the error.
#
# Date: 2026-11-30
#
# Versions: episia 0.1.3, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, Python 3.12, CPU.
#
# Behaviour:
#   If none of 10 patients has a side effect, its true rate may still be 31%: that is the upper end of the exact
#   interval of Clopper and Pearson, 1 - 0.025 ** (1 / 10). The rule of three says 3 / n for it, roughly.
#
#   episia's proportion_ci with the method clopper_pearson ends at 7.2%. For 0 of 100 it ends at 0.74%, where 3.6% is
#   right. The same holds for all of n. Its docstring says that the coverage is guaranteed to be at least the
#   confidence. With a true rate of 10% no event is seen in 35% of such trials, and the interval leaves the truth out in
#   each of these. A higher confidence makes the interval shorter: 99% ends at 6.8%. With 1 of 10 it is right and ends
#   at 44.5%, six times as far for one event more.
#
#   The source: `_clopper_pearson_ci` in episia/stats/descriptive.py has (confidence / 2) ** (1 / n) for the two ends,
#   where (1 - confidence) / 2 is meant, as in the line for all other counts.
#
# Output seen:
#   count   of   confidence   episia             exact              3 / n
#       0   10         0.95   0.0000 to 0.0717   0.0000 to 0.3085   0.3000
#       0   10         0.99   0.0000 to 0.0679   0.0000 to 0.4113   0.3000
#       0  100         0.95   0.0000 to 0.0074   0.0000 to 0.0362   0.0300
#       1   10         0.95   0.0025 to 0.4450   0.0025 to 0.4450
#       9   10         0.95   0.5550 to 0.9975   0.5550 to 0.9975
#      10   10         0.95   0.9283 to 1.0000   0.6915 to 1.0000
#   coverage of a true rate of 0.1 with 10 patients: 0.639
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

from episia.stats.descriptive import proportion_ci
from scipy import stats

CASES = [(0, 10, 0.95), (0, 10, 0.99), (0, 100, 0.95), (1, 10, 0.95), (9, 10, 0.95), (10, 10, 0.95)]
seen = {}
print("count   of   confidence   episia             exact              3 / n")
for case in CASES:
    count, size, confidence = case
    own = proportion_ci(count, size, method="clopper_pearson", confidence=confidence)
    right = stats.binomtest(count, size).proportion_ci(confidence, method="exact")
    seen[case] = own.ci_lower, own.ci_upper, right.low, right.high
    rule = f"{3 / size:.4f}" if count == 0 else ""
    ends = "   ".join(f"{seen[case][i]:.4f} to {seen[case][i + 1]:.4f}" for i in (0, 2))
    print(f"{count:5}{size:5}{confidence:13.2f}   {ends}   {rule}".rstrip())
covered = 0.0
for count in range(11):
    own = proportion_ci(count, 10, method="clopper_pearson")
    covered += stats.binom.pmf(count, 10, 0.1) * (own.ci_lower <= 0.1 <= own.ci_upper)
print(f"coverage of a true rate of 0.1 with 10 patients: {covered:.3f}")
short = seen[0, 10, 0.95][1] < 0.08 and seen[0, 10, 0.99][1] < seen[0, 10, 0.95][1] and seen[10, 10, 0.95][0] > 0.92
right = all(abs(a - b) < 1e-6 for case in CASES[3:5] for a, b in zip(seen[case][:2], seen[case][2:]))
sys.exit(0 if short and right and covered < 0.7 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
