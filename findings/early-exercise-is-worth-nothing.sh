#!/usr/bin/env bash
# jax-russell's American put on a Rendleman-Bartter tree is worth 5.59, where 6.09 is right, and its call too much.
#
# Date: 2026-11-30
#
# Versions: jax-russell 0.2.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, jaxopt 0.8.5, jaxtyping 0.3.11,
#   typeguard 4.1.3, Python 3.12, CPU.
#
# Behaviour:
#   A Rendleman-Bartter tree has up and down moves of equal probability. An American put on it is worth more than a
#   European one, as it can be exercised early, and a call without dividends is worth just as much as a European one.
#   Both trees go to the same value with more steps.
#
#   For a price and a strike of 100 the American put of jax-russell's StockOptionRBTree is 5.59 with 500 steps, barely
#   more than the European one (5.57), where 6.09 is right and its CRR tree has 6.09. The American call is 10.78, where
#   10.45 is right. More steps change nothing. The same tree with a backward induction of its own in numpy gives 6.09
#   and 10.45, as the CRR tree does.
#
#   The source: jax_russell/trees.py. `AmericanDiscounter` goes back a step by multiplying the prices by the up factor,
#   which is right only if up times down is 1, as in a CRR tree, and `_transform_args_for_discounter` gives it the
#   probability of a CRR tree, where `RendlemanBartterBinomialTree` has one half.
#
# Output seen:
#   steps  American  RB tree  RB tree in numpy  CRR tree  European
#      50  call       10.809            10.487    10.411    10.451
#     200  call       10.772            10.445    10.440    10.451
#     500  call       10.777            10.453    10.447    10.451
#      50  put         5.625             6.118     6.074     5.574
#     200  put         5.583             6.087     6.087     5.574
#     500  put         5.591             6.093     6.088     5.574
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
from scipy.stats import norm

PRICE, DEVIATION, YEARS, RATE, STRIKE = 100.0, 0.2, 1.0, 0.05, 100.0


def own(steps, sign):
    """Rendleman and Bartter (1979) by backward induction in 64 bits."""
    step = YEARS / steps
    drift, move = (RATE - DEVIATION**2 / 2) * step, DEVIATION * np.sqrt(step)
    value = None
    for level in range(steps, -1, -1):
        ups = np.arange(level + 1)
        exercise = np.maximum(sign * (PRICE * np.exp(level * drift + (2 * ups - level) * move) - STRIKE), 0)
        value = exercise if value is None else np.maximum(np.exp(-RATE * step) * (value[1:] + value[:-1]) / 2, exercise)
    return value[0]


def tree(kind, steps, is_call):
    values = PRICE, DEVIATION, YEARS, RATE, float(is_call), STRIKE
    return float(kind(steps, "american")(*(jnp.array([value]) for value in values))[0])


d1 = (np.log(PRICE / STRIKE) + (RATE + DEVIATION**2 / 2) * YEARS) / (DEVIATION * np.sqrt(YEARS))
call = PRICE * norm.cdf(d1) - STRIKE * np.exp(-RATE * YEARS) * norm.cdf(d1 - DEVIATION * np.sqrt(YEARS))
european = {True: call, False: call - PRICE + STRIKE * np.exp(-RATE * YEARS)}
seen = {}
print("steps  American  RB tree  RB tree in numpy  CRR tree  European")
for is_call in (True, False):
    for steps in (50, 200, 500):
        trees = [tree(kind, steps, is_call) for kind in (StockOptionRBTree, StockOptionCRRTree)]
        row = trees[0], own(steps, 2 * is_call - 1), trees[1]
        seen[is_call, steps] = row
        name = "call" if is_call else "put"
        print(f"{steps:5}  {name:8}{row[0]:9.3f}{row[1]:18.3f}{row[2]:10.3f}{european[is_call]:10.3f}")
right = all(abs(row[1] - row[2]) < 0.1 for row in seen.values()) and abs(seen[False, 500][1] - 6.09) < 0.01
put = all(seen[False, steps][0] < 5.7 for steps in (50, 200, 500))
sys.exit(0 if right and put and all(seen[True, steps][0] > call + 0.25 for steps in (50, 200, 500)) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
