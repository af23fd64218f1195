#!/usr/bin/env bash
# e3nn-jax turns a half turn into another rotation, 90 to 180 degrees off, on its way to a quaternion.
#
# Date: 2026-11-28
#
# Versions: e3nn-jax 0.21.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#
#   A rotation matrix goes to a quaternion, or to an axis and an angle, and back; one expects the same rotation. The
#   two-fold axes of a crystal are half turns, and a test with random rotations never meets one. The docstring of
#   matrix_to_axis_angle warns that it is not differentiable at an angle of pi, and says nothing of its value there.
#
#   A half turn about a diagonal comes back as another rotation. matrix_to_axis_angle (e3nn_jax/_src/rotation.py) takes
#   the axis from R - R.T, which is 0 for each half turn, and its _normalize leaves a vector of zeros alone. The angle
#   is right, and nothing is NaN, so nothing tells; matrix_to_quaternion goes by the same axis. What comes back is a
#   fixed rotation, or rounding makes up an axis. It happens to be right for a half turn about z. matrix_to_angles
#   is right at half turns. A turn by 0.01 degrees becomes no turn in all three ways, as its cosine is 1 in float32.
#
# Output seen:
#   degrees off after a way there and back:    quaternion   axis, angle  three angles
#   half turn about z                                0.00          0.00          0.00
#   half turn about x + y                          180.00        180.00          0.00
#   half turn about y - z                           90.00         90.00          0.00
#   half turn about x + y + z                      109.47        109.47          0.00
#   179.99 degrees about x + y + z                   0.01          0.01          0.00
#   third turn about x + y + z                       0.00          0.00          0.00
#   quarter turn about z                             0.00          0.00          0.00
#   0.01 degrees about z                             0.01          0.01          0.01
#   the half turn about x + y has the axis [0.0, 0.0, 0.0] and the angle 3.142
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
packages=('e3nn-jax==0.21.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import e3nn_jax as e3nn
import jax.numpy as jnp
import numpy as np
from scipy.spatial.transform import Rotation

ROTATIONS = {
    "half turn about z": Rotation.from_matrix([[-1, 0, 0], [0, -1, 0], [0, 0, 1]]),
    "half turn about x + y": Rotation.from_matrix([[0, 1, 0], [1, 0, 0], [0, 0, -1]]),
    "half turn about y - z": Rotation.from_matrix([[-1, 0, 0], [0, 0, -1], [0, -1, 0]]),
    "half turn about x + y + z": Rotation.from_rotvec(np.pi / np.sqrt(3) * np.ones(3)),
    "179.99 degrees about x + y + z": Rotation.from_rotvec(np.radians(179.99) / np.sqrt(3) * np.ones(3)),
    "third turn about x + y + z": Rotation.from_matrix([[0, 0, 1], [1, 0, 0], [0, 1, 0]]),
    "quarter turn about z": Rotation.from_matrix([[0, -1, 0], [1, 0, 0], [0, 0, 1]]),
    "0.01 degrees about z": Rotation.from_rotvec([0, 0, np.radians(0.01)]),
}
WAYS = {
    "quaternion": lambda matrix: e3nn.quaternion_to_matrix(e3nn.matrix_to_quaternion(matrix)),
    "axis, angle": lambda matrix: e3nn.axis_angle_to_matrix(*e3nn.matrix_to_axis_angle(matrix)),
    "three angles": lambda matrix: e3nn.angles_to_matrix(*e3nn.matrix_to_angles(matrix)),
}


def degrees(matrix, right):
    """The angle between two rotations, of which the first may be no rotation at all."""
    if np.abs(matrix @ matrix.T - np.eye(3)).max() > 0.01:
        return float("nan")
    return np.degrees((Rotation.from_matrix(matrix) * right.inv()).magnitude())


seen = {}
print("degrees off after a way there and back:", *(f"{way:>13}" for way in WAYS))
for name, rotation in ROTATIONS.items():
    matrix = jnp.asarray(rotation.as_matrix(), jnp.float32)
    seen[name] = [degrees(np.asarray(way(matrix), np.float64), rotation) for way in WAYS.values()]
    print(f"{name:39}", *(f"{off:13.2f}" for off in seen[name]))
axis, angle = e3nn.matrix_to_axis_angle(jnp.asarray(ROTATIONS["half turn about x + y"].as_matrix(), jnp.float32))
print("the half turn about x + y has the axis", axis.tolist(), "and the angle", round(float(angle), 3))
wrong = all(min(seen[f"half turn about {axis}"][:2]) > 60 for axis in ("x + y", "y - z", "x + y + z"))
angles = max(seen[name][2] for name in list(ROTATIONS)[:-1]) < 0.1
others = max(seen[name][0] for name in list(ROTATIONS)[4:]) < 0.1
sys.exit(0 if wrong and angles and others else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
