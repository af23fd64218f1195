#!/usr/bin/env bash
# jax_scipy_spatial joins two rotations to one of eight numbers, which turns as the first does: the second one is lost.
#
# Date: 2026-11-30
#
# Versions: jax-scipy-spatial 0.2.6, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   Rotation.concatenate makes one object of several rotations. scipy's has two rotations for two single ones, with a
#   shape of (2, 4).
#
#   That of jax_scipy_spatial puts the two quaternions one after the other, into an array of 8 numbers. The object calls
#   itself a single rotation. Its matrix and what it does to a vector are those of the first one, so a vector is not
#   turned by the second one at all, and no error is raised. Its angle is that of the first one, too. Joined stacks of
#   rotations are right.
#
#   The source: `Rotation.concatenate` in jax_scipy_spatial/transform.py calls jnp.concatenate for the quaternions; a
#   single one has one axis, which it is joined along. all methods take the first four numbers.
#
# Output seen:
#   shape of the quaternions: jax_scipy_spatial (8,), scipy (2, 4)
#   a single rotation: jax_scipy_spatial True, scipy False
#   (1, 2, 3) turned: jax_scipy_spatial [-2.0, 1.0, 3.0]
#                     scipy [[-2.0, 1.0, 3.0], [1.0, -1.6, 3.23]]
#   angles in degrees: jax_scipy_spatial 90.0, scipy [90.0, 60.0]
#   two stacks of one each: (2, 4)
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
packages=('jax-scipy-spatial==0.2.6' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from jax_scipy_spatial.transform import Rotation
from scipy.spatial.transform import Rotation as ScipyRotation

TURNS = [[0, 0, np.pi / 2], [np.pi / 3, 0, 0]]
right = ScipyRotation.concatenate([ScipyRotation.from_rotvec(turn) for turn in TURNS])
own = Rotation.concatenate([Rotation.from_rotvec(jnp.array(turn)) for turn in TURNS])
vector = np.array([1.0, 2.0, 3.0])
turned, expected = np.asarray(own.apply(jnp.asarray(vector))), right.apply(vector)
print(f"shape of the quaternions: jax_scipy_spatial {own.as_quat().shape}, scipy {right.as_quat().shape}")
print(f"a single rotation: jax_scipy_spatial {own.single}, scipy {right.single}")
print(f"(1, 2, 3) turned: jax_scipy_spatial {np.round(turned, 2).tolist()}")
print(f"                  scipy {np.round(expected, 2).tolist()}")
angles = np.degrees(np.asarray(own.magnitude())).round(1)
print(f"angles in degrees: jax_scipy_spatial {angles}, scipy {np.degrees(right.magnitude()).round(1).tolist()}")
stacks = Rotation.concatenate([Rotation.from_rotvec(jnp.array([turn])) for turn in TURNS])
print(f"two stacks of one each: {stacks.as_quat().shape}")
lost = own.as_quat().shape == (8,) and own.single and turned.shape == (3,) and np.allclose(turned, expected[0])
fine = np.allclose(np.asarray(stacks.apply(jnp.asarray(vector))), expected)
sys.exit(0 if lost and fine and right.as_quat().shape == (2, 4) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
