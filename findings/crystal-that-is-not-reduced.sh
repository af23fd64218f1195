#!/usr/bin/env bash
# jax_scipy_spatial's Rotation.reduce returns each rotation as it was: 177 degrees for a cube, where 62.8 is the most.
#
# Date: 2026-11-30
#
# Versions: jax-scipy-spatial 0.2.6, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   Two orientations of a cube are the same if one becomes the other by one of the 24 rotations of the cube.
#   Rotation.reduce of scipy finds the one of the 24 whose angle is smallest, which is 62.8 degrees at most; it is used
#   for the misorientation of crystals. jax_scipy_spatial is to be scipy's spatial API for jax.
#
#   Its reduce returns the rotation that it got, 24 times, for a single rotation and the 24 of the cube. For 24
#   rotations it returns the 24 unchanged, so their mean angle is 118 degrees and not 44. For any other number of
#   rotations it is a ValueError. No index of the best one is right either: with return_indices all are 0.
#
#   The source: `_reduce` in jax_scipy_spatial/transform.py is wrapped by jnp.vectorize with single rotations for all of
#   its arguments, so each p meets one l only. And p.ndim is 1 in it always, for which it sets the result to p; scipy's
#   code takes the first one of the reduced rotations there.
#
# Output seen:
#   24 orientations, as they are    mean angle  118.0, largest  177.0
#   24 orientations, scipy          mean angle   44.0, largest   56.0
#   24 orientations, brute force    mean angle   44.0, largest   56.0
#   24 orientations, jax_scipy_spatial mean angle  118.0, largest  177.0
#   one of 162.1 degrees: 24 rotations of [162.1]
#   indices of the best: [0]
#   5 orientations: ValueError: Incompatible shapes for broadcasting: shapes=[(5,), (24,), ()]
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

cube = ScipyRotation.create_group("O")
own_cube = Rotation.from_quat(jnp.asarray(cube.as_quat()))
crystals = ScipyRotation.random(24, rng=np.random.default_rng(0))
own_crystals = Rotation.from_quat(jnp.asarray(crystals.as_quat()))


def degrees(rotations):
    """The angles of rotations."""
    return np.degrees(np.asarray(rotations.magnitude())).ravel()


def brute(rotation):
    """The smallest angle of a rotation and each one of the group."""
    return min(np.degrees((member * rotation).magnitude()) for member in cube)


reduced, own = crystals.reduce(left=cube), own_crystals.reduce(left=own_cube)
least = np.array([brute(crystal) for crystal in crystals])
for name, angles in (("as they are", degrees(crystals)), ("scipy", degrees(reduced)), ("brute force", least)):
    print(f"24 orientations, {name:14} mean angle {angles.mean():6.1f}, largest {angles.max():6.1f}")
print(f"24 orientations, jax_scipy_spatial mean angle {degrees(own).mean():6.1f}, largest {degrees(own).max():6.1f}")
one = Rotation.from_quat(jnp.asarray(crystals[0].as_quat())).reduce(left=own_cube)
different = sorted(set(degrees(one).round(1).tolist()))
print(f"one of {degrees(crystals)[0]:.1f} degrees: {len(degrees(one))} rotations of {different}")
_, indices, _ = own_crystals.reduce(left=own_cube, return_indices=True)
print(f"indices of the best: {sorted(set(np.asarray(indices).ravel().tolist()))}")
few = Rotation.from_quat(jnp.asarray(crystals[:5].as_quat()))
try:
    few.reduce(left=own_cube)
    result = "none"
except ValueError as error:
    result = f"{type(error).__name__}: {error}"
print(f"5 orientations: {result}")
right = np.allclose(degrees(reduced), least) and least.max() < 62.9
same = np.allclose(degrees(own), degrees(crystals)) and len(degrees(one)) == 24
sys.exit(0 if right and same and result.startswith("ValueError") and degrees(own).max() > 150 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
