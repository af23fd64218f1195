#!/usr/bin/env bash
# crn_jax makes 6,400 molecules in the second after a day, where 1,000 a second is the rate, and 1,000 in the first one.
#
# Date: 2026-12-01
#
# Versions: crn-jax 0.3.1, jax 0.10.2, jaxlib 0.10.2, numpy 2.3.5, Python 3.12, CPU.
#
# Behaviour:
#   Gillespie's algorithm draws the waiting time to the next reaction. crn_jax promises an exact simulation, and that a
#   trajectory does not depend on the intervals in which it is simulated. A production at a constant rate makes the same
#   number of molecules in each second, on the average.
#
#   With a rate of 1,000 a second crn_jax makes 997 in the first second, and 999 in the one after an hour. After a day
#   it makes 6,368. After a week a rate of 100 becomes 325, and 1,000 a second only ends at the bound of max_steps. So
#   each rate grows with the time of the simulation, and the faster reactions grow first. No error or warning tells.
#
#   The source: `simulate_until` in crn_jax/gillespie.py adds the waiting time to the absolute time, in float32, jax's
#   default. After a day the next float32 is 0.0078 s away: a waiting time below the half of it is lost, and the next
#   reaction comes at the same time. A waiting time counted from the start of the interval would keep its digits.
#
# Output seen:
#   molecules made in one second, mean of 50 runs
#   begins after        at 10 a second   at 100 a second   at 1,000 a second
#   0 s                          9.9              99.0               996.6
#   1 hour                       9.9              98.9               998.9
#   1 day                        9.8             101.8              6367.7
#   1 week                       9.9             324.8           1000000.0
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
packages=('crn-jax==0.3.1' 'jax==0.10.2' 'jaxlib==0.10.2' 'numpy==2.3.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from crn_jax.gillespie import simulate_interval


class State(NamedTuple):
    x: jax.Array
    time: jax.Array
    next_reaction_time: jax.Array


def molecules_of_a_second(start, rate, runs=50):
    """The mean number of molecules that are made in a second from start on, at this rate a second."""

    def run(key):
        state = State(jnp.float32(0), jnp.float32(start), jnp.float32(jnp.inf))
        made = simulate_interval(
            key,
            state,
            jnp.float32(0),
            timestep=1.0,
            max_steps=1_000_000,
            compute_propensities_fn=lambda state, _: jnp.array([rate], jnp.float32),
            apply_reaction_fn=lambda state, _: state._replace(x=state.x + 1),
        )
        return made.x

    return float(np.mean([jax.jit(run)(key) for key in jax.random.split(jax.random.key(0), runs)]))


seen = {}
print("molecules made in one second, mean of 50 runs")
print("begins after        at 10 a second   at 100 a second   at 1,000 a second")
for name, start in (("0 s", 0), ("1 hour", 3600), ("1 day", 86_400), ("1 week", 604_800)):
    seen[name] = [molecules_of_a_second(start, rate) for rate in (10, 100, 1000)]
    print(f"{name:12}{seen[name][0]:20.1f}{seen[name][1]:18.1f}{seen[name][2]:20.1f}")
right = np.allclose(seen["0 s"], [10, 100, 1000], rtol=0.12) and abs(seen["1 hour"][1] / 100 - 1) < 0.05
sys.exit(0 if right and seen["1 day"][2] > 3000 and seen["1 week"][1] > 300 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
