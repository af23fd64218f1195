#!/usr/bin/env bash
# chainopy calls a chain of two separate parts irreducible and ergodic, and so each chain whatever it is.
#
# Date: 2026-11-30
#
# Versions: chainopy 1.0.3, numpy 2.0.0, scipy 1.18.1, matplotlib 3.11.2, networkx 3.3, xarray 2026.9.0, Python 3.12,
#   CPU.
#
# Behaviour:
#   A Markov chain is irreducible if each state can be reached from each other one. It then has one stationary
#   distribution. An ergodic chain forgets where it began.
#
#   chainopy's is_irreducible is True for a chain of two parts without any way between them, for the identity matrix,
#   and for a gambler who stops when the money is gone. Its own is_communicating says False for two states of the two
#   parts. is_ergodic is True for the two parts, although half of the chain can never be seen from the other half. It is
#   True for each of 200 random chains with many zeros, of which 117 are reducible.
#
#   The source: `is_irreducible` in chainopy/markov_chain.py asks for each state whether any state communicates with it,
#   where all is meant. Each state communicates with itself.
#
# Output seen:
#   chain                     is_irreducible   strongly connected   first and last state communicate
#   two separate parts                  True                False                              False
#   three states that stay              True                False                              False
#   a gambler                           True                False                              False
#   a ring                              True                 True                               True
#   is_ergodic of the two separate parts: True
#   of 200 random chains chainopy calls 200 irreducible, and 83 are
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

import networkx as nx  # noqa: E402


def right(matrix):
    """Whether the graph of the transitions is strongly connected."""
    return nx.is_strongly_connected(nx.from_numpy_array(np.asarray(matrix), create_using=nx.DiGraph))


CASES = {
    "two separate parts": [[0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5], [0, 0, 0.5, 0.5]],
    "three states that stay": np.eye(3),
    "a gambler": [[1, 0, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 0, 1]],
    "a ring": [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
}
seen = {}
print("chain                     is_irreducible   strongly connected   first and last state communicate")
for name, matrix in CASES.items():
    chain = MarkovChain(matrix)
    ends = chain.is_communicating(chain.states[0], chain.states[-1])
    seen[name] = chain.is_irreducible(), right(matrix), ends
    print(f"{name:26}{str(seen[name][0]):>14}{str(seen[name][1]):>21}{str(seen[name][2]):>35}")
ergodic = MarkovChain(CASES["two separate parts"]).is_ergodic()
print(f"is_ergodic of the two separate parts: {ergodic}")
rng = np.random.default_rng(0)
counts = [0, 0]
for _ in range(200):
    matrix = rng.random((4, 4)) * (rng.random((4, 4)) < 0.3)
    matrix[np.arange(4), rng.integers(0, 4, 4)] += 1
    matrix = np.round(matrix / matrix.sum(axis=1, keepdims=True) * 2**20) / 2**20
    matrix[np.arange(4), matrix.argmax(axis=1)] += 1 - matrix.sum(axis=1)
    counts[0] += MarkovChain(matrix).is_irreducible()
    counts[1] += right(matrix)
print(f"of 200 random chains chainopy calls {counts[0]} irreducible, and {counts[1]} are")
wrong = all(seen[name][:2] == (True, False) for name in list(CASES)[:3]) and ergodic
sys.exit(0 if wrong and seen["a ring"][:2] == (True, True) and counts[0] == 200 > counts[1] + 50 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
