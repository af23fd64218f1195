#!/usr/bin/env bash
# itlog.MixedLogit fits the same normal distribution of tastes for Normal, Uniform and Triangular, to all digits.
#
# Date: 2026-11-30
#
# Versions: itlog 0.1.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, Python 3.12, CPU.
#
# Behaviour:
#   A mixed logit has coefficients that vary between people. itlog's readme offers Normal, LogNormal, Triangular,
#   Uniform and TruncatedNormal, and Halton or pseudo-random draws.
#
#   Uniform and Triangular are Normal: with the same seed all three have the same estimates and the same likelihood.
#   Tastes that are uniform between -3 and 1 come out with a spread of 1.16, which is that of a normal distribution,
#   where the half-width is 2; the integral by quadrature gives 1.93. Halton draws are not normal: none is below -1.25,
#   where 11% are to be, and 8% are above 2, where 2% are to be. With normal coefficients alone draw_type has no effect,
#   so there the Halton draws that one asks for are pseudo-random ones.
#
#   The source: `Uniform` and `Triangular` in itlog/distributions.py add spread times a draw to the mean, and
#   `MixedLogit` in itlog/models/mixed.py hands standard normal draws to each. `_halton_normal` in itlog/draws.py is the
#   formula of Box and Muller with one number in the place of both. `make_mxl_numpy_objective` takes no kind of draws.
#
# Output seen:
#   tastes between -3 and 1      centre    spread   log likelihood
#   itlog Normal, random        -1.0074    1.1637       -2016.6392
#   itlog Normal, halton        -1.0074    1.1637       -2016.6392
#   itlog Uniform, random       -1.0074    1.1637       -2016.6392
#   itlog Uniform, halton       -1.0209    1.2908       -2022.4550
#   itlog Triangular, random    -1.0074    1.1637       -2016.6392
#   itlog Triangular, halton    -1.0209    1.2908       -2022.4550
#   direct Normal               -0.9993    1.1686       -2018.4153
#   direct Uniform              -0.9976    1.9335       -2018.9416
#   standard normal draws, part below   -2.00   -1.50   -1.25    0.00    2.00
#     random                             0.022   0.063   0.102   0.502   0.978
#     halton                             0.000   0.000   0.000   0.500   0.922
#     right                              0.023   0.067   0.106   0.500   0.977
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
from itlog.draws import random_draws
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import norm

PEOPLE, TIMES = 400, 8
rng = np.random.default_rng(0)
cost = rng.uniform(0, 2, size=(PEOPLE, TIMES, 2))
taste = -1 + rng.uniform(-2, 2, size=PEOPLE)
chosen = (taste[:, None, None] * cost + rng.gumbel(size=cost.shape)).argmax(-1)


class Choices(it.ChoiceDataset):
    observation_id = it.Field(session_id=True, source="situation")
    alternative = it.Field(alternative_id=True, source="alternative")
    choice = it.Field(is_choice_indicator=True, source="choice")
    panel_id = it.Field(panel_id=True, source="person")
    cost = it.Field(source="cost")


person, time, option = (index.ravel() for index in np.indices(cost.shape))
table = {"situation": person * TIMES + time, "alternative": option + 1, "person": person, "cost": cost.ravel()}
data = Choices.from_pandas(pd.DataFrame({**table, "choice": (chosen[..., None] == [0, 1]).ravel().astype(int)}))


def itlog(distribution, kind):
    utility = it.Parameter("b", distribution=distribution) * it.Var("cost")
    fit = it.MixedLogit({1: utility, 2: utility}).fit(data, num_draws=200, draw_type=kind, compute_se=False)
    return float(fit.params[0]), abs(float(fit.params[1])), float(fit.log_likelihood)


def direct(nodes, weights):
    """The same model with the integral over the people's tastes by quadrature."""
    sign = np.where(chosen == 0, 1, -1) * (cost[..., 0] - cost[..., 1])

    def loss(theta):
        beta = theta[0] + theta[1] * nodes
        each = np.log(expit(beta[:, None, None] * sign)).sum(-1)
        return -np.log(weights @ np.exp(each)).sum()

    found = minimize(loss, [0.0, 1.0], method="BFGS")
    return float(found.x[0]), abs(float(found.x[1])), float(-found.fun)


flat, flat_weight = np.polynomial.legendre.leggauss(40)
bell, bell_weight = np.polynomial.hermite_e.hermegauss(40)
seen = {}
for name in ("Normal", "Uniform", "Triangular"):
    for kind in ("random", "halton"):
        seen[f"itlog {name}, {kind}"] = itlog(name, kind)
seen["direct Normal"] = direct(bell, bell_weight / bell_weight.sum())
seen["direct Uniform"] = direct(flat, flat_weight / 2)
print("tastes between -3 and 1      centre    spread   log likelihood")
for name, row in seen.items():
    print(f"{name:25}{row[0]:10.4f}{row[1]:10.4f}{row[2]:17.4f}")
print("standard normal draws, part below   -2.00   -1.50   -1.25    0.00    2.00")
levels = np.array([-2, -1.5, -1.25, 0, 2])
parts = {}
for kind in ("random", "halton"):
    draws = random_draws((1000, 20, 1), seed=0, draw_type=kind).ravel()
    parts[kind] = (draws[:, None] < levels).mean(0)
    print(f"  {kind:32}" + "".join(f"{part:8.3f}" for part in parts[kind]))
print(f"  {'right':32}" + "".join(f"{part:8.3f}" for part in norm.cdf(levels)))
usual = seen["itlog Normal, random"]
same = all(np.allclose(seen[f"itlog {name}, random"], usual, atol=1e-3) for name in ("Uniform", "Triangular"))
ignored = usual == seen["itlog Normal, halton"]
right = abs(seen["direct Uniform"][1] - 2) < 0.2 and abs(seen["itlog Uniform, random"][1] - 2) > 0.6
close = abs(seen["direct Normal"][1] - seen["itlog Uniform, random"][1]) < 0.15
bent = (parts["halton"][:3] == 0).all() and np.allclose(parts["random"], norm.cdf(levels), atol=0.02)
sys.exit(0 if same and ignored and right and close and bent else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
