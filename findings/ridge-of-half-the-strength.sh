#!/usr/bin/env bash
# jaxopt's prox_ridge and prox_non_negative_ridge shrink by 1 / 1.56 where their formula gives 1 / 2.12: half of l2reg.
#
# Date: 2026-11-30
#
# Versions: jaxopt 0.8.5, jax 0.12.0.1, jaxlib 0.12.0.1, scipy 1.18.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A proximal operator is the minimum of half of a squared distance and of a penalty. The docstring of each in
#   jaxopt.prox gives the formula. The penalty of prox_ridge and of prox_non_negative_ridge is scaling * l2reg * |y|**2,
#   without a half, while that of prox_elastic_net has a half.
#
#   The results of both are the minimum with half of the penalty: 0.962 for 1.5, where the formula gives 0.708. A ridge
#   regression by ProximalGradient with l2reg=50 is that of sklearn with alpha=50 for a loss of half of the squares, and
#   not the minimum of the loss and of 50 * |w|**2. Who takes the strength from a derivation with this formula, or from
#   a solver that adds the penalty to the loss, regularizes half as much. The other operators are as their formulas say.
#
#   The source: both functions of jaxopt/_src/prox.py divide by 1 + scaling * l2reg. The formula needs 1 + 2 * scaling *
#   l2reg.
#
# Output seen:
#                               result                  minimum of its formula
#   prox_lasso                [0.94 0.   0.34]        [0.94 0.   0.34]
#   prox_non_negative_lasso   [0.94 0.   0.34]        [0.94 0.   0.34]
#   prox_group_lasso          [ 1.032 -0.275  0.619]  [ 1.032 -0.275  0.619]
#   prox_elastic_net          [0.544 0.    0.197]     [0.544 0.    0.197]
#   prox_ridge                [ 0.962 -0.256  0.577]  [ 0.708 -0.189  0.425]
#   prox_non_negative_ridge   [0.962 0.    0.577]     [0.708 0.    0.425]
#   regression, l2reg    by ProximalGradient     with l2reg * |w|**2     with l2reg / 2 * |w|**2
#                   1    [1.175 1.787 2.946]     [1.166 1.738 2.877]     [1.175 1.787 2.946]
#                  10    [1.089 1.427 2.425]     [0.997 1.167 2.029]     [1.089 1.427 2.425]
#                  50    [0.779 0.758 1.366]     [0.563 0.481 0.887]     [0.779 0.758 1.366]
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
packages=('jaxopt==0.8.5' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'scipy==1.18.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

warnings.filterwarnings("ignore")
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import numpy as np
from jaxopt import ProximalGradient, prox
from scipy.optimize import minimize

point, strength, scaling = np.array([1.5, -0.4, 0.9]), 0.8, 0.7


def by_search(penalty, positive):
    """The minimum of the formula in the docstring."""

    def value(y):
        return ((point - y) ** 2).sum() / 2 + scaling * penalty(y)

    bounds = [(0, None)] * 3 if positive else None
    options = {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 20000}
    starts = np.clip(point, 0, None), np.full(3, 0.1)
    found = [minimize(value, start, method="Nelder-Mead", bounds=bounds, options=options) for start in starts]
    return min(found, key=lambda each: each.fun).x


CASES = {
    "prox_lasso": (strength, lambda y: strength * np.abs(y).sum()),
    "prox_non_negative_lasso": (strength, lambda y: strength * np.abs(y).sum()),
    "prox_group_lasso": (strength, lambda y: strength * np.linalg.norm(y)),
    "prox_elastic_net": ((strength, 1.3), lambda y: strength * (np.abs(y).sum() + 0.65 * (y**2).sum())),
    "prox_ridge": (strength, lambda y: strength * (y**2).sum()),
    "prox_non_negative_ridge": (strength, lambda y: strength * (y**2).sum()),
}
distance = {}
print("                            result                  minimum of its formula")
for name, (parameters, penalty) in CASES.items():
    found = np.asarray(getattr(prox, name)(jnp.array(point), parameters, scaling))
    right = by_search(penalty, "non_negative" in name)
    distance[name] = np.abs(found - right).max()
    print(f"{name:26}{np.round(found, 3) + 0.0!s:24}{np.round(right, 3) + 0.0}")

generator = np.random.default_rng(0)
inputs = generator.normal(size=(50, 3))
targets = inputs @ [1, 2, 3] + generator.normal(size=50)


def squares(weights, data):
    return jnp.sum((data[0] @ weights - data[1]) ** 2) / 2


solver = ProximalGradient(fun=squares, prox=prox.prox_ridge, tol=1e-10, maxiter=5000)
fits = []
print("regression, l2reg    by ProximalGradient     with l2reg * |w|**2     with l2reg / 2 * |w|**2")
for l2reg in (1.0, 10.0, 50.0):
    weights = np.asarray(solver.run(jnp.zeros(3), hyperparams_prox=l2reg, data=(inputs, targets)).params)
    whole, half = (
        np.linalg.solve(inputs.T @ inputs + factor * l2reg * np.eye(3), inputs.T @ targets) for factor in (2, 1)
    )
    fits.append((np.abs(weights - half).max(), np.abs(weights - whole).max()))
    print(f"{l2reg:17.0f}    " + "".join(f"{np.round(each, 3)!s:24}" for each in (weights, whole, half)).rstrip())
right = all(distance[name] < 1e-3 for name in list(CASES)[:4])
wrong = min(distance["prox_ridge"], distance["prox_non_negative_ridge"]) > 0.2
sys.exit(0 if right and wrong and all(half < 1e-5 for half, _ in fits) and fits[2][1] > 0.2 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
