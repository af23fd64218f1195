#!/usr/bin/env bash
# The clock of MJX is 55 seconds late after an hour, and stands still after a day.
#
# Date: 2026-11-28
#
# Versions: mujoco 3.17.0, mujoco-mjx 3.17.0, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   MJX is MuJoCo on jax. A simulation of 500 steps a second adds 0.002 to its time at each. A gait, a reference
#   trajectory or a reward reads that time, as data.time or from the sensor "clock". MJX computes in float32, so
#   one expects lost digits: after an hour float32 tells times apart to 0.00024 s.
#
#   After ten minutes the clock is 2.3 seconds fast, after an hour 55 seconds slow, and one that shows 70,000
#   seconds, 19 hours, stands still. mjx adds the time step to the time (mujoco/mjx/_src/forward.py), and each sum
#   is rounded alike: between 2,048 and 4,096 seconds a step is 8 units of the last place, not 8.19, and 2.3% too
#   short. The error is one of the rate, and its sign changes with the size of the time. The motion does not
#   depend on the clock and is not touched. MuJoCo, in float64, is right to a microsecond. The documentation of
#   MJX is silent about the clock.
#
# Output seen:
#   steps        seconds    MuJoCo       MJX   MJX is off by
#      50,000        100   100.000    99.968      -0.03
#     300,000        600   600.000   602.317      +2.32
#     600,000       1200  1200.000  1201.033      +1.03
#   1,800,000       3600  3600.000  3544.783     -55.22
#   sensor "clock" after an hour: MuJoCo 3599.998, MJX 3544.781
#   a thousand steps from 70,000 s: MuJoCo 70002.0, MJX 70000.0
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
packages=('mujoco==3.17.0' 'mujoco-mjx==3.17.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import contextlib
import io
import sys

import jax
import jax.numpy as jnp
import mujoco

with contextlib.redirect_stdout(io.StringIO()):  # it tells that warp is not there
    from mujoco import mjx

MODEL = """<mujoco><option timestep="0.002"/>
<worldbody><body><joint type="hinge" axis="0 1 0"/><geom size="0.1" pos="0 0 -1" mass="1"/></body></worldbody>
<sensor><clock/></sensor></mujoco>"""
model = mujoco.MjModel.from_xml_string(MODEL)
on_jax = mjx.put_model(model)


@jax.jit
def run(data, steps):
    return jax.lax.fori_loop(0, steps, lambda _, now: mjx.step(on_jax, now), data)


data, plain = mjx.make_data(on_jax), mujoco.MjData(model)
done, off = 0, {}
print("steps        seconds    MuJoCo       MJX   MJX is off by")
for steps in (50_000, 300_000, 600_000, 1_800_000):
    data = run(data, steps - done)
    for _ in range(steps - done):
        mujoco.mj_step(model, plain)
    done = steps
    off[steps] = float(data.time) - plain.time
    print(f"{steps:9,}{steps * 0.002:11.0f}{plain.time:10.3f}{float(data.time):10.3f}{off[steps]:+11.2f}")
sensors = plain.sensordata[0], float(data.sensordata[0])
print('sensor "clock" after an hour: MuJoCo {:.3f}, MJX {:.3f}'.format(*sensors))
late = mjx.make_data(on_jax)
late = run(late.replace(time=jnp.full_like(late.time, 70_000.0)), 1_000)
plain = mujoco.MjData(model)
plain.time = 70_000.0
for _ in range(1_000):
    mujoco.mj_step(model, plain)
print(f"a thousand steps from 70,000 s: MuJoCo {plain.time:.1f}, MJX {float(late.time):.1f}")
wrong = off[300_000] > 2 and off[1_800_000] < -50 and sensors[0] - sensors[1] > 50
sys.exit(0 if wrong and float(late.time) == 70_000.0 and abs(plain.time - 70_002.0) < 1e-6 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
