#!/usr/bin/env bash
# fastquat's slerp of two rotations less than 3.6 degrees apart goes a quarter of the way, and ends where it began.
#
# Date: 2026-11-30
#
# Versions: fastquat 0.5.2, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   slerp turns one rotation into another at a steady speed. The docstring of Quaternion.slerp says that t = 0 gives
#   the first one and t = 1 the other.
#
#   For rotations that are less than 3.62 degrees apart, as two frames of a smooth motion are, it goes a quarter of
#   the way up to t = 0.5, then comes back, and at t = 1 it is the first rotation again. The gradient by t is -1
#   there, and not 1. On a path through orientations that are one degree apart each piece ends where it began. Beyond
#   3.62 degrees it is right. scipy's Slerp is right for all.
#
#   The source: `slerp` in fastquat/quaternion.py interpolates linearly if the dot product is above 0.9995, with the
#   factor t * (1 - t) in the place of t.
#
# Output seen:
#   part of the way at t =     0    0.25     0.5    0.75       1     speed at 1
#        0.01 degrees     0.0000  0.1875  0.2500  0.1875  0.0000        -1.00
#        1.00 degrees     0.0000  0.1875  0.2500  0.1875  0.0000        -1.00
#        3.60 degrees     0.0000  0.1875  0.2500  0.1875  0.0000        -1.00
#        3.70 degrees     0.0000  0.2500  0.5000  0.7500  1.0000         1.00
#       30.00 degrees     0.0000  0.2500  0.5000  0.7500  1.0000         1.00
#      170.00 degrees     0.0000  0.2500  0.5000  0.7500  1.0000         1.00
#   scipy's Slerp differs from t by at most 3e-16
#   90 pieces of one degree each: the first ends at 0.000 degrees, the last at 89.000
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
packages=('fastquat==0.5.2' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
from fastquat import Quaternion
from scipy.spatial.transform import Rotation, Slerp

jax.config.update("jax_enable_x64", True)
TIMES = (0.0, 0.25, 0.5, 0.75, 1.0)


def about_x(degrees):
    half = jnp.radians(jnp.asarray(degrees, float)) / 2
    return Quaternion.from_array(jnp.stack([jnp.cos(half), jnp.sin(half), 0 * half, 0 * half], -1))


def angle(quaternion):
    return 2 * jnp.degrees(jnp.arctan2(quaternion.x, quaternion.w))


def slope(degrees, t):
    return float(jax.grad(lambda t: angle(about_x(0).slerp(about_x(degrees), t)))(t)) / degrees


seen, scipys = {}, {}
print("part of the way at t =     0    0.25     0.5    0.75       1     speed at 1")
for degrees in (0.01, 1.0, 3.6, 3.7, 30.0, 170.0):
    seen[degrees] = [float(angle(about_x(0).slerp(about_x(degrees), t))) / degrees for t in TIMES]
    speed = slope(degrees, 1.0)
    ends = Rotation.from_rotvec([[0, 0, 0], [degrees, 0, 0]], degrees=True)
    scipys[degrees] = np.degrees(Slerp([0, 1], ends)(TIMES).as_rotvec()[:, 0]) / degrees
    print(f"{degrees:9.2f} degrees   " + "".join(f"{part:8.4f}" for part in seen[degrees]) + f"{speed:13.2f}")
    seen[degrees].append(speed)
largest = max(float(np.abs(row - np.array(TIMES)).max()) for row in scipys.values())
print(f"scipy's Slerp differs from t by at most {largest:.0e}")
path = about_x(np.arange(91.0))
first, second = Quaternion.from_array(path.wxyz[:-1]), Quaternion.from_array(path.wxyz[1:])
ends = np.asarray(angle(first.slerp(second, 1.0)))
print(f"90 pieces of one degree each: the first ends at {ends[0]:.3f} degrees, the last at {ends[-1]:.3f}")
wrong = all(np.allclose(seen[d][:5], [t * (1 - t) for t in TIMES], atol=1e-3) for d in (0.01, 1.0, 3.6))
wrong &= all(abs(seen[d][5] + 1) < 0.01 for d in (0.01, 1.0, 3.6)) and np.allclose(ends, np.arange(90.0), atol=1e-6)
right = all(np.allclose(seen[d], [*TIMES, 1.0], atol=1e-6) for d in (3.7, 30.0, 170.0)) and largest < 1e-9
sys.exit(0 if wrong and right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
