#!/usr/bin/env bash
# chainopy gives a walk on a triangle the period 2, so it is not ergodic, where it is back after 2 and 3 steps: 1.
#
# Date: 2026-11-30
#
# Versions: chainopy 1.0.3, numpy 2.0.0, scipy 1.18.1, matplotlib 3.11.2, networkx 3.3, xarray 2026.9.0, Python 3.12,
#   CPU.
#
# Behaviour:
#   The period of a state is the greatest common divisor of all numbers of steps after which the chain can be back. A
#   random walk on a triangle can be back after 2 steps and after 3, around the triangle, so its period is 1, and it
#   forgets where it began.
#
#   chainopy's period is 2 for it. It calls the walk on a triangle not aperiodic and not ergodic, although its own
#   nstep_distribution(3) has 0.25 on the diagonal and after 20 steps each state has 1/3. The same holds for a walk on
#   the corners of a tetrahedron. For a ring of 3 states and for one with a chord it is right.
#
#   The source: `period` in chainopy/markov_chain.py takes for each state the first number of steps after which it can
#   return, and the divisor of those; a triangle has 2 for each state. The later returns are needed, too.
#
# Output seen:
#   chain                          period of chainopy   right   is_ergodic   farthest from even after 200 steps
#   two states in turn                              2       2        False                               5.0e-01
#   a triangle                                      2       1        False                               0.0e+00
#   a pentagon                                      2       1        False                               2.8e-17
#   a ring of 3                                     3       3        False                               6.7e-01
#   a ring of 3 with a chord                        1       1         True                               5.6e-17
#   5 states, each to each other                    2       1        False                               2.8e-17
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

from math import gcd  # noqa: E402


def right(matrix, steps=40):
    """The divisor of all numbers of steps up to 40 after which the first state can be back."""
    power, period = np.eye(len(matrix)), 0
    for step in range(1, steps + 1):
        power = power @ np.asarray(matrix, float)
        if power[0, 0] > 1e-12:
            period = gcd(period, step)
    return period


def complete(size):
    """A walk to any other state."""
    return (np.ones((size, size)) - np.eye(size)) / (size - 1)


CASES = {
    "two states in turn": [[0, 1], [1, 0]],
    "a triangle": [[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]],
    "a pentagon": (np.roll(np.eye(5), 1, axis=1) + np.roll(np.eye(5), -1, axis=1)) / 2,
    "a ring of 3": [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
    "a ring of 3 with a chord": [[0, 1, 0], [0.5, 0, 0.5], [1, 0, 0]],
    "5 states, each to each other": (np.ones((5, 5)) - np.eye(5)) / 4,
}
seen = {}
print("chain                          period of chainopy   right   is_ergodic   farthest from even after 200 steps")
for name, matrix in CASES.items():
    chain = MarkovChain(matrix)
    power = np.linalg.matrix_power(np.asarray(matrix, float), 200)
    spread = float(np.abs(power - power.mean(axis=0)).max())
    seen[name] = chain.period(), right(matrix), chain.is_ergodic(), spread
    print(f"{name:30}{seen[name][0]:19}{seen[name][1]:8}{str(seen[name][2]):>13}{seen[name][3]:38.1e}")
wrong = all(seen[name][:3] == (2, 1, False) and seen[name][3] < 1e-6 for name in ("a triangle", "a pentagon"))
fine = all(seen[name][0] == seen[name][1] for name in ("two states in turn", "a ring of 3", "a ring of 3 with a chord"))
sys.exit(0 if wrong and fine else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
