#!/usr/bin/env bash
# The car of gymnax's continuous mountain car goes on against the left wall, at a speed that it does not have there.
#
# Date: 2026-11-30
#
# Versions: gymnax 0.0.9, gymnasium 1.4.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, six 1.17.0, Python 3.12, CPU.
#
# Behaviour:
#   gymnax has the classic tasks of Gymnasium for jax. In MountainCarContinuous-v0 there is a wall on the left, which
#   stops the car: its speed is 0 there, and with full power it is off in the next step. One expects the same steps from
#   both, as they are the same in CartPole, Pendulum and Acrobot.
#
#   In gymnax the speed stays as it was when the car ran into the wall, while the position does not change: it falls by
#   0.0038 a step, so that a car that came with 0.06 stands there for 16 steps of full power, where 1 is right. A policy
#   that is trained there is paid for another task, and a speed of -0.06 at the wall does not exist in Gymnasium. The
#   other mountain car of gymnax, MountainCar-v0, is right.
#
#   The source: gymnax/environments/classic_control/continuous_mountain_car.py takes the speed away where the position
#   is at the *goal* and the speed is negative. mountain_car.py has min_position there.
#
# Output seen:
#   task                       speed at first   steps at the wall   of Gymnasium   first speeds    of Gymnasium
#   MountainCarContinuous-v0           -0.03                   8              1   -0.026 -0.022    0.000  0.004
#   MountainCarContinuous-v0           -0.06                  16              1   -0.056 -0.052    0.000  0.004
#   MountainCar-v0                     -0.03                   1              1   -0.000  0.003    0.000  0.003
#   MountainCar-v0                     -0.06                   1              1   -0.000  0.003    0.000  0.003
#   largest difference away from the wall: {'MountainCarContinuous-v0': 0.0, 'MountainCar-v0': 0.0}
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
packages=('gymnax==0.0.9' 'gymnasium==1.4.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'six==1.17.0')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import gymnasium
import gymnax
import jax
import jax.numpy as jnp
import numpy as np

NAMES = {"MountainCarContinuous-v0": np.array([1.0], np.float32), "MountainCar-v0": 2}


def steps_at_the_wall(name, action, speed):
    """The number of steps at the wall with full power to the right, and the first speeds, of both libraries."""
    environment, params = gymnax.make(name)
    step = jax.jit(environment.step_env)
    _, state = environment.reset_env(jax.random.key(0), params)
    state = state.replace(position=jnp.float32(-1.19), velocity=jnp.float32(speed))
    theirs = gymnasium.make(name).unwrapped
    theirs.reset(seed=0)
    theirs.state = np.array([-1.19, speed])
    rows = ([], [])
    for _ in range(150):
        observed, state, *_ = step(jax.random.key(0), state, jnp.array(action), params)
        rows[0].append(np.ravel(observed))
        rows[1].append(np.ravel(theirs.step(action)[0]))
    return [(int(np.sum(np.array(row)[:, 0] <= -1.2 + 1e-6)), np.array(row)[:3, 1]) for row in rows]


def largest_difference(name):
    """Between the two libraries, step by step, from the same states that are not at the wall."""
    environment, params = gymnax.make(name)
    step = jax.jit(environment.step_env)
    _, state = environment.reset_env(jax.random.key(0), params)
    theirs = gymnasium.make(name).unwrapped
    theirs.reset(seed=0)
    rng, worst = np.random.default_rng(0), 0.0
    for _ in range(200):
        position, speed = rng.uniform(-1.0, 0.3), rng.uniform(-0.05, 0.05)
        action = np.array([rng.uniform(-1, 1)], np.float32) if "Cont" in name else int(rng.integers(3))
        state = state.replace(position=jnp.float32(position), velocity=jnp.float32(speed), time=0)
        theirs.state = np.array([position, speed])
        observed, *_ = step(jax.random.key(0), state, jnp.array(action), params)
        worst = max(worst, float(np.abs(np.ravel(observed) - theirs.step(action)[0]).max()))
    return worst


seen = {}
print("task                       speed at first   steps at the wall   of Gymnasium   first speeds    of Gymnasium")
for name, action in NAMES.items():
    for speed in (-0.03, -0.06):
        (count, speeds), (right, right_speeds) = steps_at_the_wall(name, action, speed)
        seen[name, speed] = (count, right)
        texts = [" ".join(f"{value:6.3f}" for value in row[:2]) for row in (speeds, right_speeds)]
        print(f"{name:27}{speed:13}{count:20}{right:15}   {texts[0]:16}{texts[1]}")
elsewhere = {name: largest_difference(name) for name in NAMES}
print("largest difference away from the wall:", {name: round(value, 6) for name, value in elsewhere.items()})
stuck = all(seen["MountainCarContinuous-v0", speed][0] >= 6 for speed in (-0.03, -0.06))
control = all(right <= 2 for _, right in seen.values())
control = control and all(seen["MountainCar-v0", speed][0] <= 2 for speed in (-0.03, -0.06))
sys.exit(0 if stuck and control and max(elsewhere.values()) < 1e-3 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
