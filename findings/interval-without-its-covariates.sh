#!/usr/bin/env bash
# esek's 95 % interval of a partial correlation ignores the number of covariates: with 20 of them it covers 72 %.
#
# Date: 2026-11-30
#
# Versions: esek 0.1.38, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, pingouin 0.6.1, arch 8.0.0,
#   astropy 8.0.2, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   A partial correlation is one of what is left after k covariates. Each covariate costs a degree of freedom, so the
#   standard error on Fisher's scale is 1 / sqrt(n - k - 3).
#
#   esek's interval has 1 / sqrt(n - 3) for any number of covariates. With 30 persons and 20 covariates of pure noise 95
#   % intervals hold the true 0 in 72 % of 400 samples. With n - k - 3 it is 97 %. pingouin, which esek calls for the
#   correlation and its p-value, has such an interval. So the result contradicts itself: in 99 samples its interval
#   leaves out 0 while its p-value is above 0.05.
#
#   The source: `PartialPearsonCorrelation.from_data` in esek/calculators/correlations/partial_pearson.py computes its
#   standard error from n alone. The docstring says only that very small samples make the interval inexact.
#
# Output seen:
#    1 covariates: intervals with 0: esek 95 %, with n - k - 3 95 %
#    5 covariates: intervals with 0: esek 92 %, with n - k - 3 94 %
#   20 covariates: intervals with 0: esek 72 %, with n - k - 3 97 %
#   20 covariates: interval without 0 but p above 0.05: 99 of 400 samples
#   the last sample: r 0.281, esek -0.09 to 0.58, pingouin [-0.42  0.77]
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

import numpy as np
import pandas as pd
import pingouin
from esek.calculators.correlations.partial_pearson import PartialPearsonCorrelation

rng = np.random.default_rng(0)
covered, contradictions = {}, 0
for covariates in (1, 5, 20):
    names = [f"c{i}" for i in range(covariates)]
    hits = np.zeros(2)
    for _ in range(400):
        columns = ["independent_variable", "dependent_variable", *names]
        data = pd.DataFrame(rng.normal(size=(30, covariates + 2)), columns=columns)
        result = PartialPearsonCorrelation.from_data(data)
        low, high = result.partial_r_ci
        k_low, k_high = np.tanh(np.arctanh(result.partial_r) + np.array([-1.96, 1.96]) / np.sqrt(27 - covariates))
        hits += [low <= 0 <= high, k_low <= 0 <= k_high]
        contradictions += covariates == 20 and not low <= 0 <= high and result.partial_r_p_value > 0.05
    covered[covariates] = hits / 400
    print(f"{covariates:2} covariates: intervals with 0: esek {hits[0] / 4:.0f} %, with n - k - 3 {hits[1] / 4:.0f} %")
print(f"20 covariates: interval without 0 but p above 0.05: {contradictions} of 400 samples")
own = pingouin.partial_corr(data, "independent_variable", "dependent_variable", names)
print(f"the last sample: r {result.partial_r:.3f}, esek {low:.2f} to {high:.2f}, pingouin {own['CI95'].iloc[0]}")
sys.exit(0 if covered[20][0] < 0.8 and covered[20][1] > 0.9 and contradictions > 50 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
