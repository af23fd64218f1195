#!/usr/bin/env bash
# itlog.OrderedLogit gives age the coefficient of income, and 0.68 where 1 is right if the lowest rating is rare.
#
# Date: 2026-11-30
#
# Versions: itlog 0.1.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, Python 3.12, CPU.
#
# Behaviour:
#   An ordered logit has a utility and thresholds in order, which may be anywhere: the readme asks for a utility, an
#   outcome and the number of ratings. A coefficient belongs to the variable that it is multiplied with, and the order
#   in which a data set is declared is no part of a model.
#
#   All thresholds of itlog are above 0, so the lowest rating always has a probability of more than one half for
#   somebody with a utility of 0. If 16% give the lowest rating, the coefficient of age is 0.68 and the log likelihood
#   1,227 below the maximum; the fit says that it converged. With two variables the coefficients are those of the
#   columns as declared: if income is declared before age, age has the coefficient of income and income that of age,
#   with the same likelihood. The direct maximum of the likelihood is right in each case.
#
#   The source: `ordered_neg_loglik` in itlog/backends/likelihoods.py adds up softplus of all the numbers from 0 on, the
#   first one too. `OrderedModel._prepare` in itlog/models/ordered.py takes the columns in the order of the data set and
#   the names in the order of the utility, and never looks at which belongs to which.
#
# Output seen:
#                            coefficients: itlog          direct         log likelihood: itlog     direct
#   lowest rating: 16%                        0.68            1.01               -4726.9    -3500.0
#   lowest rating: 60%                        1.00            1.00               -3368.4    -3368.4
#   age is declared first              2.00  -0.98     2.00  -0.98               -2673.1    -2673.1
#   income is declared first          -0.98   2.00     2.00  -0.98               -2673.1    -2673.1
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
packages=('itlog==0.1.0' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import sys

import itlog as it
import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

PEOPLE = 4000
rng = np.random.default_rng(0)
age, income, noise = rng.normal(size=PEOPLE), rng.normal(size=PEOPLE), rng.logistic(size=PEOPLE)


class Survey(it.ChoiceDataset):
    observation_id = it.Field(session_id=True, source="observation_id")
    alternative = it.Field(alternative_id=True, source="alternative")
    choice = it.Field(is_choice_indicator=True, source="choice")


class Ages(Survey):
    age = it.Field(source="age")


class AgesFirst(Survey):
    age = it.Field(source="age")
    income = it.Field(source="income")


class IncomesFirst(Survey):
    income = it.Field(source="income")
    age = it.Field(source="age")


def itlog(schema, names, rating):
    table = {"observation_id": np.arange(PEOPLE), "alternative": 1, "choice": 1, "age": age, "income": income}
    data = schema.from_pandas(pd.DataFrame({**table, "rating": rating}))
    utility = sum((it.Parameter(name) * it.Var(name) for name in names[1:]), it.Parameter(names[0]) * it.Var(names[0]))
    result = it.OrderedLogit(utility, outcome="rating", n_categories=3).fit(data, compute_se=False)
    return [float(result.coefficients()[name]) for name in names], result.log_likelihood


def direct(columns, rating):
    """The likelihood, with free thresholds in order."""

    def loss(theta):
        first, second = theta[-2], theta[-2] + np.exp(theta[-1])
        eta = np.stack(columns, 1) @ theta[:-2]
        cuts = np.stack([0 * eta, expit(first - eta), expit(second - eta), 0 * eta + 1], 1)
        rows = np.arange(PEOPLE)
        return -np.log(np.maximum(cuts[rows, rating] - cuts[rows, rating - 1], 1e-300)).sum()

    found = minimize(loss, np.zeros(len(columns) + 2), method="BFGS")
    return list(found.x[:-2]), -found.fun


def rate(latent, low, high):
    return 1 + (latent > low).astype(int) + (latent > high).astype(int)


few, many = rate(age + noise, -2, 1), rate(age + noise, 0.5, 2)
two = rate(2 * age - income + noise, 0.5, 2)
CASES = {
    "lowest rating: 16%": (itlog(Ages, ["age"], few), direct([age], few)),
    "lowest rating: 60%": (itlog(Ages, ["age"], many), direct([age], many)),
    "age is declared first": (itlog(AgesFirst, ["age", "income"], two), direct([age, income], two)),
    "income is declared first": (itlog(IncomesFirst, ["age", "income"], two), direct([age, income], two)),
}
print("                         coefficients: itlog          direct         log likelihood: itlog     direct")
for name, (ours, right) in CASES.items():
    texts = [" ".join(f"{value:6.2f}" for value in row[0]) for row in (ours, right)]
    print(f"{name:28}{texts[0]:>18}{texts[1]:>16}{ours[1]:22.1f}{right[1]:11.1f}")
seen = list(CASES.values())
right = all(abs(seen[i][0][1] - seen[i][1][1]) < 0.1 for i in (1, 2, 3))
low = seen[0][0][0][0] < 0.75 and seen[0][0][1] < seen[0][1][1] - 500
swapped = np.allclose(seen[3][0][0], seen[2][0][0][::-1], atol=0.01) and seen[2][0][0][0] > 1.8
sys.exit(0 if right and low and swapped else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
