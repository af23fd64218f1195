#!/usr/bin/env bash
# chainopy gives the probability that a gambler loses all at last as 2, where it is 1, and the time as 2, not 5 steps.
#
# Date: 2026-11-30
#
# Versions: chainopy 1.0.3, numpy 2.0.0, scipy 1.18.1, matplotlib 3.11.2, networkx 3.3, xarray 2026.9.0, Python 3.12,
#   CPU.
#
# Behaviour:
#   The probability that an absorbing chain ends in an absorbing state is N R, where N is the fundamental matrix and R
#   has the steps from the transient to the absorbing states. The expected time until the end is N times a column of
#   ones. Both are in each textbook.
#
#   absorption_probabilities of chainopy returns columns of N alone. For a player who stops at 0 and moves between 0 and
#   3 it is 2, 2 and 2 where 1, 1 and 1 is right, as the game always ends at 0. expected_time_to_absorption is the sum
#   of these numbers, 2 where 5, 8 and 9 steps are right; it is right only if as many states stay as move. With two
#   absorbing states at the two ends, the usual case, it is an IndexError, or the columns of two transient states.
#
#   The source: `absorption_probabilities` in chainopy/markov_chain.py takes the numbers of the absorbing states in the
#   chain as columns of the fundamental matrix, which has the transient states alone. `expected_time_to_absorption` sums
#   its rows, and `expected_number_of_visits` takes 1 / (1 - probability) of it.
#
# Output seen:
#   0 stays; 1 to 3 move, 3 goes to 2
#     absorption_probabilities    [[2.0], [2.0], [2.0]]
#     right                       [[1.0], [1.0], [1.0]]
#     expected_time_to_absorption [2.0, 2.0, 2.0]
#     right                       [5.0, 8.0, 9.0]
#     mean of 4,000 games that begin in the last state 8.97
#   0 and 1 stay, 2 and 3 move
#     absorption_probabilities    [[1.667, 0.833], [1.333, 1.667]]
#     right                       [[0.417, 0.583], [0.433, 0.567]]
#     expected_time_to_absorption [2.5, 3.0]
#     right                       [2.5, 3.0]
#     mean of 4,000 games that begin in the last state 3.01
#   0 and 3 stay, 1 and 2 move: IndexError: index 3 is out of bounds for axis 1 with size 2
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
packages=('numpy==2.0.0' 'scipy==1.18.1' 'matplotlib==3.11.2' 'networkx==3.3' 'xarray==2026.9.0')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi
# The neural networks of the package need torch, and its Markov chains do not.
alone=('chainopy==1.0.3')
if command -v uv >/dev/null; then
  uv pip install -q -p "$folder/venv/bin/python" --no-deps "${alone[@]}" || exit 2
else
  "$folder/venv/bin/pip" install -q --no-deps "${alone[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys
import types
from importlib.util import find_spec

package = types.ModuleType("chainopy")
package.__path__ = list(find_spec("chainopy").submodule_search_locations)
sys.modules["chainopy"] = package  # its __init__ imports torch, which a Markov chain does not use

import numpy as np  # noqa: E402
from chainopy.markov_chain import MarkovChain  # noqa: E402

def right(matrix, absorbing):
    """Probabilities and times by the textbook."""
    transient = [i for i in range(len(matrix)) if i not in absorbing]
    matrix = np.asarray(matrix, float)
    fundamental = np.linalg.inv(np.eye(len(transient)) - matrix[np.ix_(transient, transient)])
    return fundamental @ matrix[np.ix_(transient, absorbing)], fundamental.sum(axis=1)


rng = np.random.default_rng(0)
CASES = {
    "0 stays; 1 to 3 move, 3 goes to 2": ([[1, 0, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]], [0]),
    "0 and 1 stay, 2 and 3 move": ([[1, 0, 0, 0], [0, 1, 0, 0], [0.2, 0.3, 0, 0.5], [0.1, 0.1, 0.8, 0]], [0, 1]),
}
seen = {}
for name, (matrix, absorbing) in CASES.items():
    chain = MarkovChain(matrix)
    own = np.asarray(chain.absorption_probabilities()), np.asarray(chain.expected_time_to_absorption())
    probabilities, times = right(matrix, absorbing)
    steps = []
    for _ in range(4000):
        state, count = len(matrix) - 1, 0
        while state not in absorbing:
            state, count = rng.choice(len(matrix), p=matrix[state]), count + 1
        steps.append(count)
    seen[name] = *own, probabilities, times, np.mean(steps)
    print(name)
    print(f"  absorption_probabilities    {np.round(own[0], 3).tolist()}")
    print(f"  right                       {np.round(probabilities, 3).tolist()}")
    print(f"  expected_time_to_absorption {np.round(own[1], 3).tolist()}")
    print(f"  right                       {np.round(times, 3).tolist()}")
    print(f"  mean of 4,000 games that begin in the last state {np.mean(steps):.2f}")
try:
    MarkovChain([[1, 0, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 0, 1]]).absorption_probabilities()
    failure = "none"
except IndexError as error:
    failure = f"{type(error).__name__}: {error}"
print(f"0 and 3 stay, 1 and 2 move: {failure}")
first, second = seen.values()
above = first[0].min() > 1.9 and second[0].max() > 1.1 and np.all(first[1] < 0.5 * first[3])
sums = all(np.allclose(row[2].sum(axis=1), 1) and abs(row[3][-1] - row[4]) < 0.05 * row[4] for row in seen.values())
sys.exit(0 if above and sums and failure.startswith("IndexError") else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
