#!/usr/bin/env bash
# esek has a p-value of 1 for a strong negative association, where scipy has 2e-9: it looks at one side only.
#
# Date: 2026-11-30
#
# Versions: esek 0.1.38, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, pingouin 0.6.1, arch 8.0.0,
#   astropy 8.0.2, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   Kendall's tau, Somers' delta and gamma are below 0 when one rank falls as the other rises. Their p-values are for
#   the null hypothesis that there is no association.
#
#   For 60 pairs with a tau-b of -0.65 esek has a p-value of 1.0 for all eight measures. scipy has 2e-9. The interval
#   that esek gives for tau-b is from -0.73 to -0.58, which does not hold 0. With one variable turned around tau-b is
#   0.65, and esek's p-value is 2e-62. Spearman's p-value, in the same result of esek, is the same both ways.
#
#   The source: `_gamma_family_measures` in esek/calculators/correlations/ordinal_by_ordinal.py calls norm.sf(z) with
#   the sign of z. Elsewhere the library doubles norm.sf of the absolute value. No name and no docstring says that the
#   test has one side.
#
# Output seen:
#   falling: tau-b -0.65, interval of esek -0.73 to -0.58
#       p of tau-b: esek 1.0e+00, scipy 1.8e-09; Spearman 2.8e-13
#       p of all 8 measures: 1.0e+00 to 1.0e+00
#   rising: tau-b 0.65, interval of esek 0.58 to 0.73
#       p of tau-b: esek 2.0e-62, scipy 1.8e-09; Spearman 2.8e-13
#       p of all 8 measures: 2.0e-62 to 7.8e-06
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
from esek.calculators.correlations.ordinal_by_ordinal import OrdinalByOrdinal
from scipy.stats import kendalltau

rng = np.random.default_rng(0)
x = np.repeat([1, 2, 3, 4], 15)
y = np.clip(5 - x + rng.integers(-1, 2, 60), 1, 4)
own, right = {}, {}
for name, other in (("falling", y), ("rising", 5 - y)):
    asked = {"Variable 1": x, "Variable 2": other, "Confidence Level": 95, "Number Of Bootstraps Samples": 50}
    result = OrdinalByOrdinal.from_data(asked)
    text = result["The Gamma Family Measures"]
    values = dict(re.findall(r"^p-value_(\w+): (\S+)", text, re.M))
    own[name] = {measure: float(p) for measure, p in values.items()}
    right[name] = kendalltau(x, other)
    spearman = float(re.search(r"Spearman p-value: (\S+)", result["Spearman Correlation"]).group(1))
    low, high = (float(v) for v in re.findall(r"float64\((\S+?)\)", re.search(r"CI_tau_b: .*", text).group(0)))
    print(f"{name}: tau-b {right[name].statistic:.2f}, interval of esek {low:.2f} to {high:.2f}")
    print(f"    p of tau-b: esek {own[name]['tau_b']:.1e}, scipy {right[name].pvalue:.1e}; Spearman {spearman:.1e}")
    print(f"    p of all {len(own[name])} measures: {min(own[name].values()):.1e} to {max(own[name].values()):.1e}")
wrong = min(own["falling"].values()) > 0.99 and right["falling"].pvalue < 1e-8
sys.exit(0 if wrong and max(own["rising"].values()) < 1e-4 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
