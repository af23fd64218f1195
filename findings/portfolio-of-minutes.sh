#!/usr/bin/env bash
# jaxfolio.min_cvar ends at 1.6 times the smallest tail loss, and minimum_variance of minute returns at equal weights.
#
# Date: 2026-11-30
#
# Versions: jaxfolio 0.1.1, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, optax 0.2.8,
#   matplotlib 3.11.2, Python 3.12, CPU.
#
# Behaviour:
#   min_cvar is to have the smallest mean of the worst 5% of its losses; that is a linear program. minimum_variance says
#   that its solver converges to the exact portfolio. Weights do not depend on the unit of the returns.
#
#   For three assets with daily deviations of 1, 2 and 4% min_cvar ends with a tail loss that is 1.5 to 1.8 times the
#   smallest, which the linear program finds, and about that of equal weights, once above it. It takes all of its 2,000
#   steps, and no warning or flag says that it has not converged. For returns with deviations of 1e-4 or less, as in a
#   minute, minimum_variance gives equal weights after 0 steps, where 0.753, 0.196, 0.051 is right, with no warning. The
#   numbers have 64 bits.
#
#   The source: `_adam_loop` in jaxfolio/optimizers/base.py takes steps of a fixed size of 0.01 in the weights and in
#   the threshold, which is of the size of a return, and keeps the last point. `_spg_loop` stops where a step of size 1
#   moves the weights by less than 1e-7, and the gradient is of the size of a squared return.
#
# Output seen:
#   daily returns: mean of the worst 5% in percent, min_cvar   equal weights   smallest
#   data 0                                                3.0             3.2        1.9
#   data 1                                                3.5             3.4        2.0
#   data 2                                                2.8             3.1        1.8
#   data 3                                                2.9             3.1        1.7
#   data 4                                                3.2             3.2        1.9
#   data 5                                                2.8             3.1        1.7
#   deviations        minimum_variance      right                 steps
#   1, 2, 4 x 0.01000 0.753 0.196 0.051     0.753 0.196 0.051         7
#   1, 2, 4 x 0.00100 0.753 0.197 0.050     0.753 0.196 0.051         6
#   1, 2, 4 x 0.00010 0.333 0.333 0.333     0.753 0.196 0.051         0
#   1, 2, 4 x 0.00001 0.333 0.333 0.333     0.753 0.196 0.051         0
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
  'jaxfolio==0.1.1' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1' 'optax==0.2.8'
  'matplotlib==3.11.2'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jaxfolio
import numpy as np
from scipy.optimize import linprog

ALPHA, ROWS = 0.95, 500
RISKS = np.array([1.0, 2.0, 4.0])


def tail_loss(weights, data):
    """Mean of the worst 5% of the losses."""
    losses = np.sort(-data @ weights)[::-1]
    return losses[: round((1 - ALPHA) * ROWS)].mean()


def smallest_tail_loss(data):
    """The linear program of Rockafellar and Uryasev: weights, threshold, excesses."""
    size = data.shape[1]
    cost = np.r_[np.zeros(size), 1.0, np.full(ROWS, 1 / ((1 - ALPHA) * ROWS))]
    excess = np.hstack([-data, -np.ones((ROWS, 1)), -np.eye(ROWS)])
    total = np.r_[np.ones(size), np.zeros(ROWS + 1)][None]
    bounds = [(0, 1)] * size + [(None, None)] + [(0, None)] * ROWS
    return linprog(cost, excess, np.zeros(ROWS), total, [1.0], bounds=bounds).x[:size]


print("daily returns: mean of the worst 5% in percent, min_cvar   equal weights   smallest")
tails = []
for seed in range(6):
    data = np.random.default_rng(seed).normal(size=(ROWS, 3)) * RISKS / 100
    weights = jaxfolio.min_cvar(data).weights, np.ones(3) / 3, smallest_tail_loss(100 * data)
    tails.append([100 * tail_loss(row, data) for row in weights])
    print(f"{f'data {seed}':50}{tails[-1][0]:7.1f}{tails[-1][1]:16.1f}{tails[-1][2]:11.1f}")
seen = {}
print("deviations        minimum_variance      right                 steps")
for scale in (1e-2, 1e-3, 1e-4, 1e-5):
    data = np.random.default_rng(1).normal(size=(ROWS, 3)) * RISKS * scale
    ours = jaxfolio.minimum_variance(data)
    right = np.linalg.solve(np.cov(data.T / scale), np.ones(3))
    right /= right.sum()
    seen[scale] = ours.weights, right, ours.metadata["iterations"]
    texts = [" ".join(f"{weight:.3f}" for weight in weights) for weights in (ours.weights, right)]
    print(f"1, 2, 4 x {scale:7.5f} {texts[0]:22}{texts[1]:22}{seen[scale][2]:5}")
near = np.abs(seen[1e-2][0] - seen[1e-2][1]).max() < 1e-3
still = all(np.allclose(seen[s][0], 1 / 3, atol=1e-9) and seen[s][2] == 0 for s in (1e-4, 1e-5))
worse = all(row[0] > 1.3 * row[2] for row in tails) and max(row[0] - row[1] for row in tails) > 0
sys.exit(0 if near and still and worse else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
