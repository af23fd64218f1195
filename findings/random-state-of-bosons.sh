#!/usr/bin/env bash
# netket's random states of 5 bosons on 5 sites are not uniform, which it says they are: one comes 120 times as often.
#
# Date: 2026-11-30
#
# Versions: netket 3.23.0, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   random_state of a Hilbert space draws basis states. Its docstring says twice that they come from the uniform
#   distribution on the space. A mean over such states is an expectation at infinite temperature, or a trace.
#
#   With a fixed number of bosons, or a fixed total of spins 1 or more, some states come far more often than others. Of
#   the 126 states of 5 bosons on 5 sites the one with a boson on each site is drawn 4.8 times too often, and one with
#   all on one site 25 times too rarely. The mean of n**2 is 1.80, where 2.33 is right. Spins 1/2 and at most one boson
#   on a site are right, and so is the same space if the condition is a constraint of the user.
#
#   The source: `_random_states_with_constraint_fock` in netket/hilbert/random/fock.py puts one boson after another on a
#   random site. A comment there says that this is not uniform. For a constraint of the user netket draws until it is
#   met, which is.
#
# Output seen:
#                                   draws of a state, 1 is right     mean of the squares
#   space                         states    rarest   most frequent        drawn   right
#   4 spins 1/2, total_sz=0           6      1.00         1.00           1.000    1.000
#   3 bosons on 4 sites, n_max=1      4      1.00         1.00           0.750    0.750
#   4 spins 1, total_sz=0            19      0.65         1.78           2.232    2.526
#   4 bosons on 3 sites              15      0.18         2.23           2.668    3.333
#   the same by a constraint         15      0.99         1.01           3.334    3.333
#   5 bosons on 5 sites             126      0.03         4.79           1.801    2.333
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
packages=('netket==3.23.0' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
import jax.numpy as jnp
import netket
import numpy as np
from netket.hilbert.constraint import DiscreteHilbertConstraint
from netket.utils import struct

DRAWS = 200_000
netket.config.update("netket_random_state_fallback_warning", False)


class Total(DiscreteHilbertConstraint):
    """The same condition as n_particles, as netket takes it from a user."""

    total: int = struct.field(pytree_node=False)

    def __init__(self, total):
        self.total = total

    def __call__(self, states):
        return states.sum(axis=-1) == self.total

    def __hash__(self):
        return hash(("Total", self.total))

    def __eq__(self, other):
        return isinstance(other, Total) and self.total == other.total


def measure(space, draws=DRAWS):
    """The number of states, how often the rarest and the most frequent one is drawn, and the mean of the squares."""
    states = np.asarray(space.random_state(jax.random.key(0), draws, dtype=jnp.float32))
    numbers = np.asarray(space.states_to_numbers(states))
    share = np.bincount(numbers, minlength=space.n_states) / draws * space.n_states
    every = np.asarray(space.all_states())
    return space.n_states, share.min(), share.max(), (states**2).mean(), (every**2).mean()


bosons, spins = netket.hilbert.Fock, netket.hilbert.Spin
spaces = {
    "4 spins 1/2, total_sz=0": spins(1 / 2, 4, total_sz=0),
    "3 bosons on 4 sites, n_max=1": bosons(1, 4, n_particles=3),
    "4 spins 1, total_sz=0": spins(1, 4, total_sz=0),
    "4 bosons on 3 sites": bosons(4, 3, n_particles=4),
    "the same by a constraint": bosons(4, 3, constraint=Total(4)),
    "5 bosons on 5 sites": bosons(5, 5, n_particles=5),
}
print("                                draws of a state, 1 is right     mean of the squares")
print("space                         states    rarest   most frequent        drawn   right")
seen = []
for name, space in spaces.items():
    seen.append(measure(space))
    states, least, most, drawn, right = seen[-1]
    print(f"{name:30}{states:5}{least:10.2f}{most:13.2f}{drawn:16.3f}{right:9.3f}")
even = all(row[1] > 0.95 and row[2] < 1.05 and abs(row[3] - row[4]) < 0.02 for row in (seen[0], seen[1], seen[4]))
uneven = seen[3][1] < 0.3 and seen[3][2] > 2 and seen[5][1] < 0.1 and seen[5][2] > 4 and seen[2][2] > 1.6
off = seen[3][3] < 0.9 * seen[3][4] and seen[5][3] < 0.8 * seen[5][4]
sys.exit(0 if even and uneven and off else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
