#!/usr/bin/env bash
# jax-russell values a European option on a tree of 140 steps as NaN, where 120 steps give 10.43 and 10.45 is right.
#
# Date: 2026-11-30
#
# Versions: jax-russell 0.2.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, jaxopt 0.8.5, jaxtyping 0.3.11,
#   typeguard 4.1.3, Python 3.12, CPU.
#
# Behaviour:
#   A binomial tree comes nearer to the formula of Black and Scholes with each step; `calc_time_steps` of jax-russell
#   looks for the number of steps from which on the value changes by less than a tolerance.
#
#   With jax's numbers of 32 bits the value of a European option is 10.434 with 120 steps, where 10.451 is right, 1e-15
#   or less with 127 and 128, and NaN with more, for calls and puts and for both kinds of trees. American options, which
#   the tree values step by step, are right with 500. `calc_time_steps` with a tolerance of 0.001 returns 128 steps, as
#   the two wrong values before the first NaN are nearly the same.
#
#   The source: jax_russell/trees.py. `_calc_end_probabilities` multiplies p ** k * (1 - p) ** (n - k), which is 0 in 32
#   bits, by the binomial coefficient of `comb`, which is inf.
#
# Output seen:
#   steps  option  CRR tree   RB tree  American, CRR tree  Black and Scholes
#      50  call       10.41     10.49              10.411             10.451
#      50  put        5.534     5.611               6.074              5.574
#     120  call       10.43     10.45              10.434             10.451
#     120  put        5.557     5.576               6.084              5.574
#     127  call   0.0004519         0              10.464             10.451
#     127  put            0         0               6.102              5.574
#     128  call   1.678e-20         0              10.435             10.451
#     128  put            0         0               6.084              5.574
#     140  call         nan       nan              10.436             10.451
#     140  put          nan       nan               6.085              5.574
#     500  call         nan       nan              10.447             10.451
#     500  put          nan       nan               6.088              5.574
#   calc_time_steps with a tolerance of 0.001: 128 steps, where the value is 1.7e-20
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
  'jax-russell==0.2.0' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'jaxopt==0.8.5'
  'jaxtyping==0.3.11' 'typeguard==4.1.3'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from jax_russell import StockOptionCRRTree, StockOptionRBTree
from jax_russell.trees import calc_time_steps
from scipy.stats import norm

PRICE, DEVIATION, YEARS, RATE, STRIKE = 100.0, 0.2, 1.0, 0.05, 100.0


def arguments(is_call):
    return [jnp.array([value]) for value in (PRICE, DEVIATION, YEARS, RATE, float(is_call), STRIKE)]


d1 = (np.log(PRICE / STRIKE) + (RATE + DEVIATION**2 / 2) * YEARS) / (DEVIATION * np.sqrt(YEARS))
call = PRICE * norm.cdf(d1) - STRIKE * np.exp(-RATE * YEARS) * norm.cdf(d1 - DEVIATION * np.sqrt(YEARS))
right = {True: call, False: call - PRICE + STRIKE * np.exp(-RATE * YEARS)}
seen = {}
print("steps  option  CRR tree   RB tree  American, CRR tree  Black and Scholes")
for steps in (50, 120, 127, 128, 140, 500):
    for is_call in (True, False):
        trees = StockOptionCRRTree(steps, "european"), StockOptionRBTree(steps, "european")
        values = [float(tree(*arguments(is_call))[0]) for tree in (*trees, StockOptionCRRTree(steps, "american"))]
        seen[steps, is_call] = values
        name = "call" if is_call else "put"
        print(f"{steps:5}  {name:6}{values[0]:10.4g}{values[1]:10.4g}{values[2]:20.3f}{right[is_call]:19.3f}")
found = calc_time_steps(0.001, StockOptionCRRTree, ("european",), tuple(arguments(True)))
value = float(StockOptionCRRTree(found, "european")(*arguments(True))[0])
print(f"calc_time_steps with a tolerance of 0.001: {found} steps, where the value is {value:.2g}")
few = all(abs(seen[steps, kind][0] - right[kind]) < 0.05 for steps in (50, 120) for kind in right)
many = all(np.isnan(seen[steps, kind][:2]).all() for steps in (140, 500) for kind in right)
american = abs(seen[500, True][2] - right[True]) < 0.01
sys.exit(0 if few and many and american and found == 128 and abs(value) < 1e-6 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
