#!/usr/bin/env bash
# dynaris's Hamilton filter keeps its regime through a gap in the data: the probability stays 0.97, where 0.5 is right.
#
# Date: 2026-11-30
#
# Versions: dynaris 0.1.2, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A Markov switching model is in one of several regimes, and leaves it with some probability in each step. While
#   nothing is observed, the state of knowledge moves by the transition matrix: after a long gap the regime is as
#   likely as it is in the long run. dynaris takes NaN as a missing observation, and its filter moves the mean and the
#   variance of the state through the gap.
#
#   The probabilities of the regimes stand still in a gap. With a chance of 0.1 to change, the calm regime is at 0.97
#   after 100 steps without data, where 0.5 is right. One very noisy observation in each step, which says nothing,
#   gives the right values. The first step after the gap starts from the old ones, so a crash that follows it is taken
#   for an outlier of the calm regime: its likelihood is too small by a factor of 4. The predicted probabilities that
#   the filter returns for the gap are those of one step, 0.88, at each of its steps.
#
#   The source: `_hamilton_scan` in dynaris/filters/hamilton.py puts the filtered probabilities of the step before in
#   the place of the predicted ones if an observation is missing.
#
# Output seen:
#   probability of calm before the gap, in it and after one return of 2.0       log-likelihood
#   gap          before    first    last   after    right: first    last   after   dynaris     right
#     0         0.9743   0.0000   0.9743   0.0000          0.0000   0.9743   0.0000     3.264    3.264
#     1         0.9743   0.9743   0.9743   0.0000          0.8795   0.8795   0.0000     3.264    3.753
#     5         0.9743   0.9743   0.9743   0.0000          0.8795   0.6554   0.0000     3.264    4.401
#   100         0.9743   0.9743   0.9743   0.0000          0.8795   0.5000   0.0000     3.264    4.687
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
packages=('dynaris==0.1.2' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from dynaris import MarkovSwitchingSSM, StateSpaceModel, hamilton_filter
from dynaris.core.types import GaussianState

STAY = jnp.array([[0.9, 0.1], [0.1, 0.9]])
start = GaussianState(mean=jnp.zeros(1), cov=1e-8 * jnp.eye(1))


def model(deviations):
    """A return of mean 0, with one deviation in the calm regime and another in the stormy one."""
    parts = [StateSpaceModel(jnp.eye(1), jnp.zeros((1, 1)), jnp.eye(1) * d**2, 1e-8 * jnp.eye(1)) for d in deviations]
    return MarkovSwitchingSSM(tuple(parts), STAY, jnp.array([0.5, 0.5]))


def exact(returns, deviations):
    """Forward recursion in numpy: the probability of calm after each step, and the log-likelihood."""
    probability, total, calm = np.array([0.5, 0.5]), 0.0, []
    for value in returns:
        probability = np.asarray(STAY).T @ probability
        if not np.isnan(value):
            spread = np.array(deviations) ** 2
            joint = probability * np.exp(-(value**2) / 2 / spread) / np.sqrt(2 * np.pi * spread)
            total, probability = total + np.log(joint.sum()), joint / joint.sum()
        calm.append(probability[0])
    return np.array(calm), total


DEVIATIONS = (0.2, 3.0)
rng = np.random.default_rng(0)
before = 0.2 * rng.normal(size=50)
seen = {}
print("probability of calm before the gap, in it and after one return of 2.0       log-likelihood")
print("gap          before    first    last   after    right: first    last   after   dynaris     right")
for gap in (0, 1, 5, 100):
    returns = np.r_[before, np.full(gap, np.nan), 2.0]
    result = hamilton_filter(model(DEVIATIONS), jnp.asarray(returns)[:, None], start)
    calm, total = exact(returns, DEVIATIONS)
    ours = np.asarray(result.regime_filtered_probs)[:, 0]
    places = [49, 50, -2, -1]
    seen[gap] = ours[places], calm[places], float(result.log_likelihood), total
    print(f"{gap:3}      " + "".join(f"{value:9.4f}" for value in ours[places]), end="")
    print("       " + "".join(f"{value:9.4f}" for value in calm[places[1:]]), f"{seen[gap][2]:9.3f}{total:9.3f}")
right = np.allclose(seen[0][0], seen[0][1], atol=1e-4) and abs(seen[0][2] - seen[0][3]) < 1e-3
wrong = seen[100][0][2] > 0.95 and abs(seen[100][1][2] - 0.5) < 1e-6 and seen[100][3] - seen[100][2] > 1
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
