#!/usr/bin/env bash
# dual_quaternions divides two poses to something that, multiplied again, is neither of them: (x / y) * y is not x.
#
# Date: 2026-11-30
#
# Versions: dual-quaternions 0.4.0, pyquaternion 0.9.9, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   A quotient x / y is x times the inverse of y, or the inverse of y times x, as dual quaternions do not commute. In
#   both cases one product of the quotient with y is x again. The package has an inverse, and x * y.inverse() * y is x.
#
#   x / y of dual_quaternions is neither of the two. For two poses of a metre or two (x / y) * y and y * (x / y) differ
#   from x by about 1 in their eight numbers. The quotient is not even a unit dual quaternion, so it is no pose. x / x
#   is the identity, and two translations alone are right, which hides it. No error is raised.
#
#   The source: `DualQuaternion.__truediv__` in dual_quaternions/dual_quaternions.py has the formula of the dual
#   numbers, (a d - b c) / c ** 2, which holds for numbers that commute.
#
# Output seen:
#   (x / y) * y and x                8.7e-01
#   y * (x / y) and x                1.1e+00
#   x / y and x * y.inverse()        9.5e-01
#   x / y and y.inverse() * x        1.2e+00
#   (x * y.inverse()) * y and x      2.8e-16
#   x / x and the identity           5.6e-17
#   two translations alone           0.0e+00
#   x / y is a unit dual quaternion: False
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
packages=('dual-quaternions==0.4.0' 'pyquaternion==0.9.9' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from dual_quaternions import DualQuaternion


def distance(first, second):
    """The largest difference of the two matrices, or of the eight numbers if one is no pose."""
    return float(np.abs(np.array(first.dq_array(), float) - np.array(second.dq_array(), float)).max())


def pose(axis, degrees, way):
    """A turn around an axis and a way."""
    half, axis = np.radians(degrees) / 2, np.array(axis, float)
    return DualQuaternion.from_quat_pose_array([np.cos(half), *(np.sin(half) * axis / np.linalg.norm(axis)), *way])


x, y = pose([1, 2, 3], 70, [1, 0, 2]), pose([3, -1, 1], 40, [0, 2, 1])
seen = {
    "(x / y) * y and x": distance((x / y) * y, x),
    "y * (x / y) and x": distance(y * (x / y), x),
    "x / y and x * y.inverse()": distance(x / y, x * y.inverse()),
    "x / y and y.inverse() * x": distance(x / y, y.inverse() * x),
    "(x * y.inverse()) * y and x": distance((x * y.inverse()) * y, x),
    "x / x and the identity": distance(x / x, DualQuaternion.identity()),
}
for name, value in seen.items():
    print(f"{name:30}{value:10.1e}")
one = pose([0, 0, 1], 0, [1, 0, 2]), pose([0, 0, 1], 0, [0, 2, 1])
seen["translations"] = distance((one[0] / one[1]) * one[1], one[0])
print(f"{'two translations alone':30}{seen['translations']:10.1e}")
print(f"x / y is a unit dual quaternion: {(x / y).is_normalized}")
wrong = all(value > 0.05 for value in list(seen.values())[:4])
sys.exit(0 if wrong and seen["(x * y.inverse()) * y and x"] < 1e-12 and seen["translations"] < 1e-12 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
