#!/usr/bin/env bash
# esek's interval of a skipped correlation does not hold it: it is -0.38 to 0.35 for a correlation of -0.92.
#
# Date: 2026-11-30
#
# Versions: esek 0.1.38, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, pingouin 0.6.1, arch 8.0.0,
#   astropy 8.0.2, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   The skipped correlation is a rank correlation without outliers. esek gives it with a confidence interval. An
#   interval of a correlation holds the correlation.
#
#   For 50 falling pairs the skipped correlation is -0.92, with a p-value of 6e-18. Its interval is -0.38 to 0.35. For
#   the same pairs with the sign of one variable changed, the correlation is 0.92 and the interval is 0.84 to 0.96. The
#   interval should only change its sign.
#
#   The source: `_skipped_correlation` in esek/calculators/correlations/ordinal_by_interval.py has log((1 + r^2) / (1 -
#   r)) / 2 for Fisher's transformation. The right one has 1 + r in place of 1 + r^2.
#
# Output seen:
#   falling: skipped correlation -0.924, p 6.5e-18, interval -0.379 to 0.346
#       by Fisher's transformation -0.961 to -0.856
#   rising: skipped correlation 0.924, p 6.5e-18, interval 0.840 to 0.963
#       by Fisher's transformation 0.856 to 0.961
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
import re
import sys

import numpy as np
from esek.calculators.correlations.ordinal_by_interval import OrdinalByInterval

rng = np.random.default_rng(4)
x = rng.normal(size=50)
y = x + 0.3 * rng.normal(size=50)
bounds = {}
for name, other in (("falling", -y), ("rising", y)):
    asked = {"Variable 1": x, "Variable 2": other, "Confidence Level": 95, "Number Of Bootstraps Samples": 50}
    text = OrdinalByInterval.from_data(asked)["Skipped Correlation"]
    r = float(re.search(r"MAD based: (\S+)", text).group(1))
    p = float(re.search(r"MAD based p-value: (\S+)", text).group(1))
    low, high = (float(v) for v in re.findall(r"-?\d\.\d+(?:e-\d+)?", text.split("MAD based CI's:")[1]))
    half = 1.96 * math.sqrt((1 + r * r / 2) / 47)
    right = [math.tanh(math.atanh(r) + sign * half) for sign in (-1, 1)]
    bounds[name] = (r, low, high)
    print(f"{name}: skipped correlation {r:.3f}, p {p:.1e}, interval {low:.3f} to {high:.3f}")
    print(f"    by Fisher's transformation {right[0]:.3f} to {right[1]:.3f}")
r, low, high = bounds["falling"]
up_r, up_low, up_high = bounds["rising"]
sys.exit(0 if r < -0.8 and low > r + 0.2 and up_low < up_r < up_high and abs(up_r + r) < 1e-6 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
