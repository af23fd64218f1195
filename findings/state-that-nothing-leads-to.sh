#!/usr/bin/env bash
# dynamax.hmm_smoother gives a state the probability 1 which no path has, if the next state was predicted below 1e-8.
#
# Date: 2026-11-30
#
# Versions: dynamax 1.0.3, tfp-nightly 0.26.0.dev20261027, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A smoother gives the probability of each state of a hidden Markov model at each time, given all data. Here the
#   states 0, 1 and 2 follow each other, as the stages of a disease or the phonemes of a word do, and no step leads from
#   0 to 2. The data have the levels 0, 10 and 20: three values of 0, one between, and three of 20. As one value stands
#   between 0 and 20, its state is 1, whatever it is. All other paths are impossible, or cost far more.
#
#   With a value of 3.5 or less hmm_smoother says that the state is 0 with the probability 1, and is 2 at the next time.
#   The expected number of steps from 1 to 2 is 0 instead of 1. So is that of hmm_two_filter_smoother, which EM uses,
#   and whose probabilities are right. The most likely path is right. With 64 bits it is the same.
#
#   The source: the docstring does not name it. `_step` of hmm_smoother and `_compute_sum_transition_probs` in
#   dynamax/hidden_markov_model/inference.py divide by the predicted probability, and take 0 for the quotient where this
#   is 0, to avoid NaN. They ask jnp.isclose, whose absolute tolerance is 1e-8. A state whose prediction is 1e-10, and
#   which the data then show, is taken for impossible.
#
# Output seen, of the state of the value between:
#   bits  value   all paths         hmm_smoother      two filters       most likely path  transitions 1 to 2
#     32   10.0   [0.00 1.00 0.00]   [0.00 1.00 0.00]   [0.00 1.00 0.00]   0001222        1.00, right 1.00
#     32    4.0   [0.00 1.00 0.00]   [0.00 1.00 0.00]   [0.00 1.00 0.00]   0001222        1.00, right 1.00
#     32    3.5   [0.00 1.00 0.00]   [1.00 0.00 0.00]   [0.00 1.00 0.00]   0001222        0.00, right 1.00
#     32    3.0   [0.00 1.00 0.00]   [1.00 0.00 0.00]   [0.00 1.00 0.00]   0001222        0.00, right 1.00
#     64   10.0   [0.00 1.00 0.00]   [0.00 1.00 0.00]   [0.00 1.00 0.00]   0001222        1.00, right 1.00
#     64    4.0   [0.00 1.00 0.00]   [0.00 1.00 0.00]   [0.00 1.00 0.00]   0001222        1.00, right 1.00
#     64    3.5   [0.00 1.00 0.00]   [1.00 0.00 0.00]   [0.00 1.00 0.00]   0001222        0.00, right 1.00
#     64    3.0   [0.00 1.00 0.00]   [1.00 0.00 0.00]   [0.00 1.00 0.00]   0001222        0.00, right 1.00
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
packages=('dynamax==1.0.3' 'tfp-nightly==0.26.0.dev20261027' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import itertools
import sys

import jax
import jax.numpy as jnp
import numpy as np
from dynamax.hidden_markov_model import hmm_posterior_mode, hmm_smoother, hmm_two_filter_smoother

start = np.array([1.0, 0.0, 0.0])
steps = np.array([[0.9, 0.1, 0.0], [0.0, 0.9, 0.1], [0.0, 0.0, 1.0]])
levels = np.array([0.0, 10.0, 20.0])


def by_all_paths(likelihoods):
    """The smoothed probabilities and the expected transitions, as sums over all 3**7 paths."""
    smoothed, transitions = np.zeros_like(likelihoods), np.zeros((3, 3))
    paths = np.array(list(itertools.product(range(3), repeat=len(likelihoods))))
    with np.errstate(divide="ignore"):
        log_start, log_steps = np.log(start), np.log(steps)
    weights = log_start[paths[:, 0]] + log_steps[paths[:, :-1], paths[:, 1:]].sum(1)
    weights += likelihoods[np.arange(len(likelihoods)), paths].sum(1)
    weights = np.exp(weights - weights.max())
    for weight, path in zip(weights / weights.sum(), paths, strict=True):
        smoothed[np.arange(len(path)), path] += weight
        np.add.at(transitions, (path[:-1], path[1:]), weight)
    return smoothed, transitions


def text(row):
    return "[" + " ".join(f"{abs(x):4.2f}" for x in np.ravel(row)) + "]"


seen = {}
print("bits  value   all paths         hmm_smoother      two filters       most likely path  transitions 1 to 2")
for bits in (32, 64):
    with jax.enable_x64(bits == 64):
        for value in (10.0, 4.0, 3.5, 3.0):
            data = np.array([0.0, 0.0, 0.0, value, 20.0, 20.0, 20.0])
            likelihoods = -((data[:, None] - levels) ** 2) / 2
            right, transitions = by_all_paths(likelihoods)
            arguments = jnp.array(start), jnp.array(steps), jnp.array(likelihoods)
            found, other = hmm_smoother(*arguments), hmm_two_filter_smoother(*arguments)
            path = "".join(str(int(state)) for state in hmm_posterior_mode(*arguments))
            rows = right[3], np.asarray(found.smoothed_probs[3]), np.asarray(other.smoothed_probs[3])
            count = float(found.trans_probs[1, 2]), transitions[1, 2]
            seen[bits, value] = rows[0][1], rows[1][1], rows[1][0], float(found.smoothed_probs[4, 2]), path, *count
            cells = "   ".join(text(row) for row in rows)
            print(f"{bits:4}{value:7.1f}   {cells}   {path}{count[0]:12.2f}, right {count[1]:.2f}")
fine = all(np.allclose(seen[bits, value][:2], 1) for bits in (32, 64) for value in (10.0, 4.0))
wrong = all(
    seen[bits, value][0] > 0.999 and min(seen[bits, value][2:4]) > 0.999 and seen[bits, value][5] < 0.01
    for bits in (32, 64)
    for value in (3.5, 3.0)
)
sys.exit(0 if fine and wrong and all(row[4] == "0001222" and row[6] > 0.999 for row in seen.values()) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
