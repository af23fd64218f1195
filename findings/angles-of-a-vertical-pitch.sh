#!/usr/bin/env bash
# jaxlie gives the angles of a rotation with a pitch of 90 degrees as those of another rotation, or as NaN.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, jaxlie 1.5.0, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   SO3.as_rpy_radians gives roll, pitch and yaw, and SO3.from_rpy_radians makes the rotation of them. Where the pitch
#   is 90 degrees, only the sum or the difference of roll and yaw is determined, so one expects some pair with the right
#   sum, as from scipy, and the same rotation back. The docstrings say nothing of it.
#
#   A rotation with a roll of 0.1, a pitch of 90 degrees and a yaw of 0.3 comes back as 90, 90 and -90 degrees, which is
#   169 degrees off. Of 1,000 rotations with such a pitch 97% come back as others, and for one in six the pitch is NaN,
#   upwards and downwards. A pitch of 89.9 degrees is safe.
#
#   The source: `compute_roll_radians` and `compute_yaw_radians` in jaxlie/_so3.py are the arctan2 of two numbers that
#   are both 0 there, but for rounding, each for itself, so that their sum is anything. `compute_pitch_radians` is the
#   arcsin of a number that rounding makes larger than 1; it is not clipped.
#
# Output seen:
#   pitch     jaxlie: more than 5 degrees off    pitch is NaN    scipy: largest error
#   0                                  0.0%               0.0%                0.000
#   45                                 0.0%               0.0%                0.000
#   89.9                               0.0%               0.0%                0.000
#   90                                97.3%              17.5%                0.000
#   -89.9                              0.0%               0.0%                0.000
#   -90                               96.7%              18.3%                0.000
#   0.1, 90 degrees, 0.3 becomes 1.571 1.57 -1.571
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'jaxlie==1.5.0' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

import jax
import jax.numpy as jnp
import jaxlie
import numpy as np
from scipy.spatial.transform import Rotation

warnings.filterwarnings("ignore")
COUNT = 1000


def errors(pitch):
    """The angle in degrees between a rotation and that of its angles, for jaxlie and for scipy."""
    roll, yaw = jax.random.uniform(jax.random.key(0), (2, COUNT), minval=-3.0, maxval=3.0)
    rotation = jaxlie.SO3.from_rpy_radians(roll, jnp.full(COUNT, pitch, jnp.float32), yaw)
    angles = rotation.as_rpy_radians()
    again = jaxlie.SO3.from_rpy_radians(*angles)
    off = jnp.linalg.norm((rotation.inverse() @ again).log(), axis=-1)
    by_scipy = Rotation.from_matrix(np.asarray(rotation.as_matrix(), float))
    scipy_again = Rotation.from_euler("xyz", by_scipy.as_euler("xyz"))
    scipy_off = (by_scipy.inv() * scipy_again).magnitude()
    return np.degrees(off), np.degrees(scipy_off), np.isnan(np.asarray(angles.pitch))


right_angle = np.pi / 2
seen = {}
print("pitch     jaxlie: more than 5 degrees off    pitch is NaN    scipy: largest error")
for name, pitch in (
    ("0", 0.0),
    ("45", right_angle / 2),
    ("89.9", right_angle * 89.9 / 90),
    ("90", right_angle),
    ("-89.9", -right_angle * 89.9 / 90),
    ("-90", -right_angle),
):
    off, scipy_off, nan = errors(pitch)
    seen[name] = ((~(off < 5)).mean(), nan.mean(), scipy_off.max())
    print(f"{name:8} {seen[name][0]:30.1%} {seen[name][1]:18.1%} {seen[name][2]:20.3f}")
one = jaxlie.SO3.from_rpy_radians(0.1, jnp.float32(right_angle), 0.3)
print("0.1, 90 degrees, 0.3 becomes", *(round(float(x), 3) for x in one.as_rpy_radians()))
lost = all(seen[name][0] > 0.5 for name in ("90", "-90"))
kept = all(seen[name][0] == 0 for name in ("0", "45", "89.9", "-89.9"))
nan = seen["90"][1] + seen["-90"][1] > 0.1
sys.exit(0 if lost and kept and nan and all(row[2] < 0.1 for row in seen.values()) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
