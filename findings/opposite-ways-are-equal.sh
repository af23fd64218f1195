#!/usr/bin/env bash
# dual_quaternions says that a way of 1 m to the right equals one of 1 m to the left: a dual part with the other sign.
#
# Date: 2026-11-30
#
# Versions: dual-quaternions 0.4.0, pyquaternion 0.9.9, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   A rigid motion has two unit dual quaternions, q and -q: the real and the dual part change their signs together. So
#   two of them are the same motion if they are equal or if one is minus the other.
#
#   The == of dual_quaternions lets each of the two parts have either sign. A translation by t is equal to one by -t
#   then, (1, 0, 0) to (-1, 0, 0), and a turn followed by a way of 5 m is equal to the same turn followed by the way
#   back. assert first == second passes in a test of two poses 10 m apart. Poses with different rotations are told
#   apart.
#
#   The source: `DualQuaternion.__eq__` in dual_quaternions/dual_quaternions.py compares q_r with both signs and q_d
#   with both signs, each on its own.
#
# Output seen:
#   two poses                             first == second   largest difference of the matrices
#   1 m to the right, 1 m to the left                True                                 2.00
#   90 degrees and (3, 4, 0), and back               True                                 8.00
#   1 m, 2 m                                        False                                 1.00
#   90 degrees, 45 degrees                          False                                 0.71
#   q == -q: True, difference of the matrices 0e+00
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


def pose(axis, degrees, way):
    """A turn around an axis and a way."""
    half = np.radians(degrees) / 2
    return DualQuaternion.from_quat_pose_array([np.cos(half), *(np.sin(half) * np.array(axis)), *way])


CASES = {
    "1 m to the right, 1 m to the left": (pose([0, 0, 1], 0, [1, 0, 0]), pose([0, 0, 1], 0, [-1, 0, 0])),
    "90 degrees and (3, 4, 0), and back": (pose([0, 0, 1], 90, [3, 4, 0]), pose([0, 0, 1], 90, [-3, -4, 0])),
    "1 m, 2 m": (pose([0, 0, 1], 0, [1, 0, 0]), pose([0, 0, 1], 0, [2, 0, 0])),
    "90 degrees, 45 degrees": (pose([0, 0, 1], 90, [1, 0, 0]), pose([0, 0, 1], 45, [1, 0, 0])),
}
seen = {}
print("two poses                             first == second   largest difference of the matrices")
for name, (first, second) in CASES.items():
    difference = float(np.abs(first.homogeneous_matrix() - second.homogeneous_matrix()).max())
    seen[name] = bool(first == second), difference
    print(f"{name:38}{str(seen[name][0]):>15}{difference:37.2f}")
motion = CASES["90 degrees and (3, 4, 0), and back"][0]
negative = DualQuaternion(-motion.q_r, -motion.q_d)
same = float(np.abs(motion.homogeneous_matrix() - negative.homogeneous_matrix()).max())
print(f"q == -q: {motion == negative}, difference of the matrices {same:.0e}")
rows = list(seen.values())
wrong = rows[0] == (True, 2.0) and rows[1][0] and rows[1][1] > 7
sys.exit(0 if wrong and not rows[2][0] and not rows[3][0] and motion == negative and same < 1e-12 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
