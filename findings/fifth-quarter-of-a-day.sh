#!/usr/bin/env bash
# jsmfsb's spatial steps of 1 with dt=0.25 take five steps, so a population grows by 1.25**5 where 1.25**4 is meant.
#
# Date: 2026-11-30
#
# Versions: jsmfsb 1.1.7, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   jsmfsb simulates reaction networks with functions `step(key, x0, t0, deltat)`, which go on by deltat from t0. The
#   approximate ones divide deltat into steps of dt: a step of 1 with dt=0.25 is four steps. A birth process of rate 1
#   then grows by 1.25 ** 4 = 2.44.
#
#   The functions in one and two dimensions (step_euler_1d, step_euler_2d, step_cle_1d, step_cle_2d) take one step more
#   if the division has no rounding error: five steps with dt=0.25, three with dt=0.5, two with dt=1, so a time of 100
#   in steps of 1 has passed after 200. With dt=0.1 or 0.01, where Python's 1 // 0.1 is 9, they are right. The functions
#   without space err the other way: step_euler adds up the time in 32 bits and takes 101 steps with dt=0.01 from time
#   0, 100 from time 10, 103 from 10,000 and 128 from 100,000, so the same system grows by 3.57 and not 2.70 there.
#
#   The source: jsmfsb/spn.py. `step` in `step_cle_1d` and its like takes `int(deltat // dt) + 1` steps. `step_euler`,
#   `step_poisson` and `step_cle` go on while `t < t0 + deltat`, with `t = t + dt`.
#
# Output seen:
#        dt   steps of 1/dt   step_euler_1d   step_euler_2d   growth in 1d
#       1.0               1             2.0             2.0          4.000
#       0.5               2             3.0             3.0          3.375
#      0.25               4             5.0             5.0          3.052
#     0.125               8             9.0             9.0          2.887
#       0.1              10            10.0            10.0          2.594
#      0.01             100           100.0           100.0          2.705
#   from time   step_euler with dt=0.01   growth
#           0                     101.0    2.732
#          10                     100.0    2.705
#       10000                     103.0    2.787
#      100000                     128.0    3.574
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
packages=('jsmfsb==1.1.7' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5')
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
import numpy as np
from jsmfsb import Spn

key = jax.random.key(0)
growth = Spn(["X"], ["Birth"], [[1]], [[2]], lambda x, t: jnp.array([x[0]]), [1])


def steps(value, dt):
    return round(float(np.log(value) / np.log1p(dt)), 3)


space = {}
print("     dt   steps of 1/dt   step_euler_1d   step_euler_2d   growth in 1d")
for dt in (1.0, 0.5, 0.25, 0.125, 0.1, 0.01):
    line = float(growth.step_euler_1d(jnp.zeros(1), dt)(key, jnp.ones((1, 4)), 0.0, 1.0)[0, 0])
    plane = float(growth.step_euler_2d(jnp.zeros(1), dt)(key, jnp.ones((1, 4, 4)), 0.0, 1.0)[0, 0, 0])
    space[dt] = steps(line, dt), steps(plane, dt)
    print(f"{dt:7}{1 / dt:16.0f}{space[dt][0]:16.1f}{space[dt][1]:16.1f}{line:15.3f}")
flat = {}
print("from time   step_euler with dt=0.01   growth")
for start in (0.0, 10.0, 10_000.0, 100_000.0):
    value = float(growth.step_euler(0.01)(key, jnp.ones(1), start, 1.0)[0])
    flat[start] = steps(value, 0.01)
    print(f"{start:9.0f}{flat[start]:26.1f}{value:9.3f}")
more = all(round(a) == round(b) == round(1 / dt) + 1 for dt, (a, b) in space.items() if dt not in (0.1, 0.01))
right = all(round(a) == round(b) == round(1 / dt) for dt, (a, b) in space.items() if dt in (0.1, 0.01))
sys.exit(0 if more and right and [round(value) for value in flat.values()] == [101, 100, 103, 128] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
