#!/usr/bin/env bash
# chainopy calls each state of a chain that runs for ever transient, where each is recurrent: a weather without sun.
#
# Date: 2026-11-30
#
# Versions: chainopy 1.0.3, numpy 2.0.0, scipy 1.18.1, matplotlib 3.11.2, networkx 3.3, xarray 2026.9.0, Python 3.12,
#   CPU.
#
# Behaviour:
#   A state is transient if the chain leaves it for ever at some time, and recurrent if it always comes back. A finite
#   chain has at least one recurrent state, and in an irreducible one all are recurrent.
#
#   chainopy's is_transient is True, and is_recurrent False, for each state of a weather that changes between sun and
#   rain, and of a walk on a triangle. A simulation of 10,000 days comes back to each state thousands of times. A ring,
#   which is back in 3 steps for sure, is right.
#
#   The source: `is_transient` in chainopy/markov_chain.py looks whether a diagonal element of the powers of the matrix
#   is below 1. Only a state that surely stays has 1 there. A state is recurrent if the sum of these elements over all
#   powers is infinite.
#
# Output seen:
#   weather
#     sun   is_recurrent False, is_transient True, visits in 10,000 steps 8354, sum over 400 powers 333
#     rain  is_recurrent False, is_transient True, visits in 10,000 steps 1646, sum over 400 powers 67
#   a triangle
#     a     is_recurrent False, is_transient True, visits in 10,000 steps 3323, sum over 400 powers 133
#     b     is_recurrent False, is_transient True, visits in 10,000 steps 3297, sum over 400 powers 133
#     c     is_recurrent False, is_transient True, visits in 10,000 steps 3380, sum over 400 powers 133
#   a ring of 3
#     a     is_recurrent True, is_transient False, visits in 10,000 steps 3334, sum over 400 powers 133
#     b     is_recurrent True, is_transient False, visits in 10,000 steps 3333, sum over 400 powers 133
#     c     is_recurrent True, is_transient False, visits in 10,000 steps 3333, sum over 400 powers 133
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

CASES = {
    "weather": (["sun", "rain"], [[0.9, 0.1], [0.5, 0.5]]),
    "a triangle": (["a", "b", "c"], [[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]),
    "a ring of 3": (["a", "b", "c"], [[0, 1, 0], [0, 0, 1], [1, 0, 0]]),
}
seen = {}
rng = np.random.default_rng(0)
for name, (states, matrix) in CASES.items():
    chain = MarkovChain(matrix, states=states)
    matrix = np.asarray(matrix, float)
    state, visits = len(states) - 1, np.zeros(len(states), int)
    for _ in range(10_000):
        state = rng.choice(len(states), p=matrix[state])
        visits[state] += 1
    sums = [sum(np.linalg.matrix_power(matrix, n)[i, i] for n in range(1, 400)) for i in range(len(states))]
    print(name)
    for i, label in enumerate(states):
        seen[name, label] = chain.is_recurrent(label), chain.is_transient(label), int(visits[i]), float(sums[i])
        own, transient, count, total = seen[name, label]
        numbers = f"visits in 10,000 steps {count}, sum over 400 powers {total:.0f}"
        print(f"  {label:5} is_recurrent {own}, is_transient {transient}, {numbers}")
never = all(row[:2] == (name[0] == "a ring of 3", name[0] != "a ring of 3") for name, row in seen.items())
sys.exit(0 if never and all(row[2] > 1000 and row[3] > 50 for row in seen.values()) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
