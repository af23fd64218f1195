#!/usr/bin/env bash
# diffrax takes the last 100 representable times in one step, so cos(6) is -29 after the first week.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, diffrax 0.7.2, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   An oscillator does not know what time it is: from 0 to 6 or from 600,000 to 600,006 its solution is the
#   same. With times in seconds a week has 604,800. float32 has a resolution of 1/16 s there, so a fixed step
#   of 0.1 becomes 1/8. A Runge-Kutta loop on these rounded times is right to four digits, and one expects
#   about that of diffeqsolve.
#
#   It takes 2 steps, of which the second is as long as the rest of the interval, and returns (-29, -27) for
#   (0.96, 0.28) with the result "successful". A step that would end within 100 units in the last place
#   before t1 is made to end at t1 (_clip_to_end in diffrax/_integrate.py), whatever dt0 says. That is 6 s
#   after a week, 0.8 s after a day, and grows with the time. A comment there gives dense output as the
#   reason; it is done without dense output, too. A PIDController rejects the step again and again and stops
#   at max_steps. In float64, or with a time that starts at 0, all is right.
#
# Output seen:
#   exact                                     0.9602   0.2794
#   diffrax, from 0                           0.9602   0.2794   60 steps
#   diffrax, from 86,400 (a day)              0.9602   0.2794   53 steps
#   diffrax, from 604,800 (a week)          -29.1024 -26.9862   2 steps
#   a loop in float32, from 604,800           0.9602   0.2794   48 steps
#   diffrax in float64, from 604,800          0.9602   0.2794   60 steps
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'diffrax==0.7.2' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import diffrax
import jax
import jax.numpy as jnp
import numpy as np


def field(time, state, args):
    return jnp.stack([state[1], -state[0]])


def solve(start, dtype, dt=0.1):
    """The state after 6 seconds and the number of steps."""
    times = dtype(start), dtype(start + 6.0)
    term, state = diffrax.ODETerm(field), jnp.array([1, 0], dtype)
    solution = diffrax.diffeqsolve(term, diffrax.Tsit5(), *times, dtype(dt), state, max_steps=10_000)
    assert solution.result == diffrax.RESULTS.successful and solution.ts[-1] == times[1]
    return np.asarray(solution.ys[-1]), int(solution.stats["num_steps"])


def runge_kutta(start, dt=0.1):
    """The same by a loop over the times that float32 has."""
    time, end, state, steps = np.float32(start), np.float32(start + 6.0), np.array([1, 0], np.float32), 0
    matrix = np.array([[0, 1], [-1, 0]], np.float32)
    while time < end:
        following = min(time + np.float32(dt), end)
        h = following - time
        k1 = matrix @ state
        k2 = matrix @ (state + h / 2 * k1)
        k3 = matrix @ (state + h / 2 * k2)
        k4 = matrix @ (state + h * k3)
        state, time, steps = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), following, steps + 1
    return state, steps


jax.config.update("jax_enable_x64", True)
exact = np.array([np.cos(6.0), -np.sin(6.0)])
print(f"exact                                   {exact[0]:8.4f} {exact[1]:8.4f}")
errors = {}
for text, (state, steps) in {
    "diffrax, from 0": solve(0.0, np.float32),
    "diffrax, from 86,400 (a day)": solve(86_400.0, np.float32),
    "diffrax, from 604,800 (a week)": solve(604_800.0, np.float32),
    "a loop in float32, from 604,800": runge_kutta(604_800.0),
    "diffrax in float64, from 604,800": solve(604_800.0, np.float64),
}.items():
    errors[text] = np.abs(state - exact).max()
    print(f"{text:40}{state[0]:8.4f} {state[1]:8.4f}   {steps} steps")
wrong = errors.pop("diffrax, from 604,800 (a week)")
sys.exit(0 if wrong > 10 and max(errors.values()) < 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
