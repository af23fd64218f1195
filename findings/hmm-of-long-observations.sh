#!/usr/bin/env bash
# distrax.HMM forgets its states if an observation has 30 numbers, and an outlier raises its likelihood.
#
# Date: 2026-11-28
#
# Versions: distrax 0.1.9, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   A hidden Markov model tells two regimes apart by observations of 4, 30 or 100 numbers, such as the features
#   of a speech frame. The distance of the two means is 3 deviations each time, so each is as easy. distrax.HMM
#   rescales at each step, as the textbooks do against underflow over a long sequence.
#
#   With 30 numbers forward_backward gives each state 0.5 at all times, and a log likelihood that is 1,742 too
#   large. With 100 the posterior is 0 for both states and the log likelihood is 0: certainty. One observation of
#   one number that is 40 deviations off does the same, and raises the log likelihood by 121 where it should fall
#   by 717. HMM.forward multiplies by prob, not log_prob, and _normalize (distrax/_src/utils/hmm.py) lifts each
#   product below 1e-15 to 1e-15, so that the states become equal, and takes a sum of 0 for 1. A density of 30
#   numbers is about 1e-19. viterbi works with logarithms and is right throughout. The documentation states no
#   limit; issue 337 of distrax tells of zero posteriors from another cause, the argument length.
#
# Output seen:
#                          log likelihood       right   states told right by
#                                                       posterior  viterbi  exact posterior
#   4 numbers                     -1160.6     -1160.6        0.99     0.99     0.99
#   30 numbers                    -6769.0     -8511.2        0.51     0.99     0.99
#   100 numbers                       0.0    -28325.6        0.50     1.00     1.00
#   1 number                       -300.0      -300.0        0.98     0.98     0.98
#   1 number, an outlier           -179.2     -1017.5        0.50     0.98     0.97
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
packages=('distrax==0.1.9' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

import distrax
import jax.numpy as jnp
import numpy as np
from scipy.special import logsumexp

warnings.filterwarnings("ignore", category=UserWarning)  # of types, from inside distrax
STAY = np.array([[0.9, 0.1], [0.1, 0.9]])


def right(logs):
    """The log likelihood and the posteriors, in float64 and with logarithms."""
    forward, backward = [np.log([0.5, 0.5]) + logs[0]], [np.zeros(2)]
    for one in logs[1:]:
        forward.append(logsumexp(forward[-1][:, None] + np.log(STAY), axis=0) + one)
    for one in logs[:0:-1]:
        backward.append(logsumexp(np.log(STAY) + one + backward[-1], axis=1))
    both = np.array(forward) + np.array(backward[::-1])
    return logsumexp(both[0]), np.exp(both - logsumexp(both, axis=1, keepdims=True))


seen = {}
print("                       log likelihood       right   states told right by")
print("                                                    posterior  viterbi  exact posterior")
for name, size, outlier in (
    ("4 numbers", 4, 0),
    ("30 numbers", 30, 0),
    ("100 numbers", 100, 0),
    ("1 number", 1, 0),
    ("1 number, an outlier", 1, 40),
):
    means = np.zeros((2, size))
    means[1] = 3.0 / np.sqrt(size)
    rng = np.random.default_rng(0)
    states = np.repeat([0, 1, 0, 1], 50)
    values = rng.normal(means[states], 1.0)
    values[120] += outlier
    model = distrax.HMM(
        init_dist=distrax.Categorical(probs=jnp.array([0.5, 0.5])),
        trans_dist=distrax.Categorical(probs=jnp.array(STAY)),
        obs_dist=distrax.MultivariateNormalDiag(jnp.array(means), jnp.ones((2, size))),
    )
    _, _, posterior, likelihood = model.forward_backward(jnp.array(values))
    squares = ((values[:, None] - means) ** 2).sum(-1)
    logs = -0.5 * squares - size / 2 * np.log(2 * np.pi)
    exact, exact_posterior = right(logs)
    guesses = posterior.argmax(1), model.viterbi(jnp.array(values)), exact_posterior.argmax(1)
    told = [(np.asarray(guess) == states).mean() for guess in guesses]
    seen[name] = float(likelihood), exact, *told
    print(f"{name:21}{float(likelihood):16.1f}{exact:12.1f}{told[0]:12.2f}{told[1]:9.2f}{told[2]:9.2f}")
small, large = ("4 numbers", "1 number"), ("30 numbers", "100 numbers")
small = all(abs(seen[name][0] / seen[name][1] - 1) < 1e-3 and seen[name][2] > 0.95 for name in small)
large = all(seen[name][0] > 0.9 * seen[name][1] and seen[name][2] < 0.6 for name in large)
outlier = seen["1 number, an outlier"][0] > seen["1 number"][0] > seen["1 number, an outlier"][1]
viterbi = min(row[3] for row in seen.values()) > 0.95
sys.exit(0 if small and large and outlier and viterbi else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
