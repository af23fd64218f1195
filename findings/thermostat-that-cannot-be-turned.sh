#!/usr/bin/env bash
# Three thermostats of jax-md ignore the kT of a step, which they say to take, and hold the one that they began with.
#
# Date: 2026-11-30
#
# Versions: jax-md 0.2.29, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.4.6, Python 3.12, CPU.
#
# Behaviour:
#   A simulation that heats or cools gives the step function another temperature in each step. The docstrings of
#   temp_rescale, temp_berendsen and temp_csvr say that one passes kT as a keyword argument to the step function to
#   update the temperature, in the words of nvt_langevin and nvt_nose_hoover, for which this is so.
#
#   The three take the keyword without an error and go on at the kT with which they were made. A run that is to be at
#   kT=3 is at 1. A schedule from 3 to 0.1 for annealing is a run at one temperature, and its result looks like a bad
#   minimum.
#
#   The source: `apply_fn` of each in jax_md/simulate.py uses the kT of the outer function and passes the keywords on to
#   the force and the shift, which take any keyword and drop it. `apply_fn` of the other two takes kT out of the
#   keywords first.
#
# Output seen:
#   thermostat made with kT=1   mean temperature at step_fn(state)   at step_fn(state, kT=3)
#   nvt_nose_hoover                             1.00                             3.02
#   nvt_langevin                                1.00                             3.00
#   temp_rescale                                1.00                             1.00
#   temp_berendsen                              1.00                             1.00
#   temp_csvr                                   1.00                             1.00
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
packages=('jax-md==0.2.29' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.4.6')
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
from jax import lax
from jax_md import quantity, simulate, space

shift = space.free()[1]


def spring(position, **unused):
    return jnp.sum(position**2) / 2


makers = {
    "nvt_nose_hoover": lambda: simulate.nvt_nose_hoover(spring, shift, 0.01, 1.0),
    "nvt_langevin": lambda: simulate.nvt_langevin(spring, shift, 0.01, 1.0, gamma=1.0),
    "temp_rescale": lambda: simulate.temp_rescale(spring, shift, 0.01, 1.0, window=0.01, fraction=1.0),
    "temp_berendsen": lambda: simulate.temp_berendsen(spring, shift, 0.01, 1.0, tau=0.1),
    "temp_csvr": lambda: simulate.temp_csvr(spring, shift, 0.01, 1.0, tau=0.1),
}
target = 3.0
seen = {}
start = jax.random.normal(jax.random.key(1), (500, 3))
print("thermostat made with kT=1   mean temperature at step_fn(state)   at step_fn(state, kT=3)")
for name, make in makers.items():
    init, step = make()
    for options in ({}, {"kT": target}):

        def body(i, carry, step=step, options=options):
            state, total = carry
            state = step(state, **options)
            now = quantity.temperature(momentum=state.momentum, mass=state.mass)
            return state, total + jnp.where(i >= 3000, now, 0.0)

        run = jax.jit(lambda state, body=body: lax.fori_loop(0, 6000, body, (state, jnp.array(0.0)))[1])
        seen[name, bool(options)] = float(run(init(jax.random.key(0), start))) / 3000
    print(f"{name:28}{seen[name, False]:20.2f}{seen[name, True]:33.2f}")
right = all(abs(seen[name, False] - 1) < 0.1 for name in makers)
right &= all(abs(seen[name, True] - target) < 0.3 for name in ("nvt_nose_hoover", "nvt_langevin"))
ignored = all(abs(seen[name, True] - 1) < 0.1 for name in ("temp_rescale", "temp_berendsen", "temp_csvr"))
sys.exit(0 if right and ignored else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
