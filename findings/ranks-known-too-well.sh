#!/usr/bin/env bash
# esek's 95 % interval of a rank correlation covers the true one in 26 % of all samples: a square root is missing.
#
# Date: 2026-11-30
#
# Versions: esek 0.1.38, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, pingouin 0.6.1, arch 8.0.0,
#   astropy 8.0.2, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   Bonett and Wright's standard error of a rank correlation, on Fisher's scale, is the square root of (1 + r^2 / 2) /
#   (n - 3). esek names them for the interval that it puts in its statistical line.
#
#   For 60 pairs with a correlation of 0.6 esek's standard error is 0.023. The right one is 0.145. The interval is one
#   sixth as wide as the four others in the same result, and it holds the true value in 26 % of 500 samples. The
#   Gaussian rank correlation and Shepherd's pi use the same formula.
#
#   The source: `_spearman_correlation` in esek/calculators/correlations/ordinal_by_interval.py has (1 + r / 2) / (n -
#   3). It lacks the root and the square of r. So the standard error also depends on the sign of r.
#
# Output seen:
#   r 0.634: standard error by Bonett & Wright: esek 0.0231, right 0.1452
#       Confidence Intervals (Bonett Wright): (0.6063, 0.6605)
#       Confidence Intervals (Fieller): (0.4471, 0.7681)
#       Confidence Intervals (Caruso and Cliff): (0.452, 0.7655)
#       Confidence Intervals (Woods): (0.4488, 0.7672)
#       Confidence Intervals (Fisher): (0.4532, 0.7649)
#   samples whose interval holds the true 0.582: Bonett Wright 26 %, Fisher 94 %
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
import re
import sys

import numpy as np
from esek.calculators.correlations.ordinal_by_interval import OrdinalByInterval, _spearman_correlation

rng = np.random.default_rng(1)
RHO, N = 0.6, 60
TRUE = 6 / np.pi * np.arcsin(RHO / 2)


def sample():
    return rng.multivariate_normal([0, 0], [[1, RHO], [RHO, 1]], size=N).T


x, y = sample()
asked = {"Variable 1": x, "Variable 2": y, "Confidence Level": 95, "Number Of Bootstraps Samples": 50}
text = OrdinalByInterval.from_data(asked)["Spearman Correlation"]
r = float(re.search(r"^Spearman: (\S+)", text).group(1))
own = float(re.search(r"Error \(Bonett & Wright\): (\S+)", text).group(1))
right = np.sqrt((1 + r**2 / 2) / (N - 3))
print(f"r {r:.3f}: standard error by Bonett & Wright: esek {own:.4f}, right {right:.4f}")
for line in re.findall(r"^Confidence Intervals .*", text, re.M):
    print(f"    {line}")
hits = {"Bonett Wright": 0, "Fisher": 0}
for _ in range(500):
    text = _spearman_correlation(*sample(), 0.95)
    for name in hits:
        low, high = map(float, re.search(rf"Intervals \({name}\): \((.*), (.*)\)", text).groups())
        hits[name] += low <= TRUE <= high
share = {name: count / 500 for name, count in hits.items()}
shares = ", ".join(f"{name} {count / 5:.0f} %" for name, count in hits.items())
print(f"samples whose interval holds the true {TRUE:.3f}: {shares}")
sys.exit(0 if own < right / 4 and share["Bonett Wright"] < 0.35 and share["Fisher"] > 0.9 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
