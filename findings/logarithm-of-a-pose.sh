#!/usr/bin/env bash
# dual_quaternions: exp(log(pose)) is another pose, a metre away, and the logarithm of a translation is 0.
#
# Date: 2026-11-30
#
# Versions: dual-quaternions 0.4.0, pyquaternion 0.9.9, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The logarithm of a unit dual quaternion maps a pose to the tangent space at the identity, and the exponential maps
#   it back: exp(log(q)) is q. It is what one averages or optimises poses with. The power of a pose is exp(t log(q)).
#
#   exp(log(q)) of dual_quaternions has the rotation of q and another translation. For a translation without a rotation
#   the logarithm is 0, so each place has the same one, and exp gives the identity back. For two random poses with ways
#   of 1.5 and 2.3 m the result is 1.1 and 1.3 m away. The pow of the package, which does not use them, is right, and
#   the exponential of half the logarithm is not the pow of 0.5.
#
#   The source: `log` in dual_quaternions/dual_quaternions.py has (q_d q_r* - q_r* q_d) / 2 for the dual part, a
#   commutator, which is 0 if the two commute, and `exp` multiplies q_d by exp(q_r), where the dual part of the
#   exponential has a sine of the angle.
#
# Output seen:
#   pose                               its way                  way of exp(log(pose))    expm(logm(matrix)) off by
#   a way of (1, 2, 3) alone           ( 1.00,  2.00,  3.00)   ( 0.00,  0.00,  0.00)               0e+00
#   30 degrees around z alone          ( 0.00,  0.00,  0.00)   ( 0.00,  0.00,  0.00)               2e-16
#   30 degrees around z, 1 m along z   ( 0.00,  0.00,  1.00)   ( 0.00,  0.00,  0.00)               2e-16
#   random pose 1                      (-0.54,  0.36,  1.30)   (-0.82,  0.45,  0.25)               2e-15
#   random pose 2                      ( 0.04, -2.33, -0.22)   ( 0.00, -1.68,  0.94)               2e-15
#   exp(log / 2) and pow(0.5) of random pose 1 are 0.73 m apart
#   largest number in the logarithm of the way of (1, 2, 3): 0.0
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
from scipy.linalg import expm, logm
from scipy.spatial.transform import Rotation


def pose(rotation, way):
    """A dual quaternion of a rotation and a way."""
    x, y, z, w = rotation.as_quat()
    return DualQuaternion.from_quat_pose_array([w, x, y, z, *way])


rng = np.random.default_rng(0)
CASES = {"a way of (1, 2, 3) alone": pose(Rotation.identity(), [1, 2, 3])}
CASES["30 degrees around z alone"] = pose(Rotation.from_euler("z", 30, degrees=True), [0, 0, 0])
CASES["30 degrees around z, 1 m along z"] = pose(Rotation.from_euler("z", 30, degrees=True), [0, 0, 1])
for number in (1, 2):
    CASES[f"random pose {number}"] = pose(Rotation.random(rng=rng), rng.normal(size=3))
seen = {}
print("pose                               its way                  way of exp(log(pose))    expm(logm(matrix)) off by")
for name, motion in CASES.items():
    back = motion.log().exp()
    matrix = motion.homogeneous_matrix()
    usual = float(np.abs(expm(logm(matrix)) - matrix).max())
    way, other = (np.array(value.translation(), float) for value in (motion, back))
    seen[name] = float(np.linalg.norm(way - other)), usual
    ways = "   ".join("(" + ", ".join(f"{part:5.2f}" for part in place) + ")" for place in (way, other))
    print(f"{name:33}  {ways}{usual:20.0e}")
motion = CASES["random pose 1"]
logarithm = motion.log()
half = DualQuaternion(logarithm.q_r * 0.5, logarithm.q_d * 0.5).exp()
apart = float(np.linalg.norm(np.array(half.translation(), float) - np.array(motion.pow(0.5).translation(), float)))
print(f"exp(log / 2) and pow(0.5) of random pose 1 are {apart:.2f} m apart")
zero = float(np.abs(np.array(CASES["a way of (1, 2, 3) alone"].log().dq_array(), float)).max())
print(f"largest number in the logarithm of the way of (1, 2, 3): {zero:.1f}")
off = [row[0] for name, row in seen.items() if "random" in name or "along" in name or "alone" in name and "way" in name]
right = all(row[1] < 1e-9 for row in seen.values()) and seen["30 degrees around z alone"][0] < 1e-12
sys.exit(0 if right and min(off) > 0.2 and zero == 0 and apart > 0.1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
