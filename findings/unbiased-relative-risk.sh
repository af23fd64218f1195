#!/usr/bin/env bash
# esek's unbiased estimate of a relative risk of 2 has a mean of 1.42: rows and columns are exchanged.
#
# Date: 2026-11-30
#
# Versions: esek 0.1.38, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, pingouin 0.6.1, arch 8.0.0,
#   astropy 8.0.2, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   The ratio of two shares is too large on average. Jewell's estimate of a relative risk has nearly no bias: x1 (n2 +
#   1) / (n1 (x2 + 1)) for x1 of n1 and x2 of n2 events.
#
#   For 20 of 100 and 10 of 100 the ratio is 2 and Jewell's estimate is 1.84. rr_unbiased_jewell of esek is 1.41. Over
#   all outcomes of two groups with the risks 0.2 and 0.1, weighed by their chances, the mean of esek's value is 1.42.
#   That of Jewell's estimate is 2.00, and the ratio has 2.23.
#
#   The source: `TwoIndependentProportions.from_parameters` in
#   esek/calculators/proportions/two_independent_proportions.py has x1 (q1 + q2 + 1) / ((x1 + x2) (q1 + 1)), with q for
#   those without the event. That is Jewell's estimate for the table on its side: the share of the first group among the
#   events, over its share among the rest.
#
# Output seen:
#   20 and 10 of 100: ratio 2.0, esek 1.407, Jewell 1.836
#   outcomes with esek's value by the formula of its source: 20 of 20
#   means for the risks 0.2 and 0.1: esek 1.416, Jewell 1.999, ratio 2.231
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
import sys
import warnings

import numpy as np
from scipy.stats import binom

warnings.simplefilter("ignore")
from esek.calculators.proportions.two_independent_proportions import TwoIndependentProportions

result = TwoIndependentProportions.from_parameters(0.2, 0.1, 100, 100)
jewell = 20 * 101 / (100 * 11)
print(f"20 and 10 of 100: ratio {result.rr_point}, esek {result.rr_unbiased_jewell:.3f}, Jewell {jewell:.3f}")


def esek(x1, x2, n):
    return x1 * (2 * n - x1 - x2 + 1) / ((x1 + x2) * (n - x1 + 1))


same = []
rng = np.random.default_rng(0)
for x1, x2 in rng.integers(1, 60, (20, 2)):
    value = TwoIndependentProportions.from_parameters(x1 / 100, x2 / 100, 100, 100).rr_unbiased_jewell
    same.append(np.isclose(value, esek(x1, x2, 100)))
print(f"outcomes with esek's value by the formula of its source: {sum(same)} of {len(same)}")
x1, x2 = np.meshgrid(np.arange(1, 101), np.arange(1, 101), indexing="ij")
chance = binom.pmf(x1, 100, 0.2) * binom.pmf(x2, 100, 0.1)
means = {
    "esek": np.sum(chance * esek(x1, x2, 100)) / chance.sum(),
    "Jewell": np.sum(chance * x1 * 101 / (100 * (x2 + 1))) / chance.sum(),
    "ratio": np.sum(chance * x1 / x2) / chance.sum(),
}
print("means for the risks 0.2 and 0.1: " + ", ".join(f"{name} {mean:.3f}" for name, mean in means.items()))
sys.exit(0 if means["esek"] < 1.5 and abs(means["Jewell"] - 2) < 0.01 and all(same) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
