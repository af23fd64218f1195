#!/usr/bin/env bash
# jaxlogit's likelihood-ratio test has a p-value of 1 for a variable that decides nearly all choices.
#
# Date: 2026-11-30
#
# Versions: jaxlogit 1.0.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, pandas 3.1.1, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   A likelihood-ratio test asks if a larger model is better than a smaller one. Its statistic is twice the
#   log-likelihood of the larger less that of the smaller, which is 0 or more.
#
#   A choice depends on two variables, with coefficients of 1 and 2. jaxlogit finds both. The log-likelihood is -337
#   with both, and -610 with the first one only. lrtest gives a statistic of -546 and a p-value of 1. The right ones are
#   546 and 9e-121. For a second variable of noise the p-value is 1, too, where 0.17 is right. The z values of the same
#   model find the variable: 15.1.
#
#   The source: `lrtest` in jaxlogit/utils.py takes the log-likelihood of the larger model off that of the smaller one.
#   The chi-squared distribution has nothing below 0, so the p-value is 1 for all data.
#
# Output seen:
#   second variable: coefficients [0.89, 1.96], z of it 15.1
#       log-likelihood -337.1, without it -610.1
#       lrtest: statistic -546.11, p 1; right 546.11, p 8.8e-121
#   noise: coefficients [0.53, -0.07], z of it -1.4
#       log-likelihood -609.2, without it -610.1
#       lrtest: statistic -1.84, p 1; right 1.84, p 0.17
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
packages=('jaxlogit==1.0.0' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'pandas==3.1.1' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from jaxlogit.mixed_logit import ConfigData, MixedLogit
from jaxlogit.utils import lrtest
from scipy.stats import chi2

N, J = 600, 3
rng = np.random.default_rng(0)
X = rng.normal(size=(N * J, 3))
utility = (X @ [1.0, 2.0, 0.0]).reshape(N, J) + rng.gumbel(size=(N, J))
alternatives = np.tile(["a", "b", "c"], N)
choices = np.repeat(np.array(["a", "b", "c"])[utility.argmax(axis=1)], J)
ids = np.repeat(np.arange(N), J)


def fit(columns):
    model = MixedLogit()
    names = [f"x{c}" for c in columns]
    config = ConfigData(optim_method="L-BFGS-scipy")
    model.fit(X[:, columns], choices, names, alternatives, ids, {}, config)
    chance = np.exp(X[:, columns] @ np.asarray(model.coeff_)).reshape(N, J)
    by_hand = np.log((chance / chance.sum(axis=1, keepdims=True))[np.arange(N), utility.argmax(axis=1)]).sum()
    assert abs(by_hand - float(model.loglikelihood)) < 1e-3
    return model


small, both, noise = fit([0]), fit([0, 1]), fit([0, 2])
tests = []
for name, large in (("second variable", both), ("noise", noise)):
    test = lrtest(large, small)
    statistic = 2 * (float(large.loglikelihood) - float(small.loglikelihood))
    right = chi2.sf(statistic, 1)
    tests.append((float(test["pval"]), right, float(test["chisq"]) + statistic))
    print(f"{name}: coefficients {np.asarray(large.coeff_).round(2).tolist()}, z of it {float(large.zvalues[1]):.1f}")
    print(f"    log-likelihood {float(large.loglikelihood):.1f}, without it {float(small.loglikelihood):.1f}")
    own = f"{float(test['chisq']):.2f}, p {float(test['pval']):.3g}"
    print(f"    lrtest: statistic {own}; right {statistic:.2f}, p {right:.2g}")
ones = all(p == 1 and abs(total) < 1e-9 for p, _, total in tests)
sys.exit(0 if ones and tests[0][1] < 1e-50 and tests[1][1] > 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
