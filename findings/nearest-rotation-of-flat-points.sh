#!/usr/bin/env bash
# jax.scipy.linalg.polar gives flat points a factor of determinant 0, which squeezes them, where a rotation is right.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The unitary factor of a polar decomposition is the nearest rotation, and so one aligns two sets of points by polar
#   of their 3 by 3 covariance. The docstring of polar says that the factor has orthonormal columns if the matrix is
#   not wide, and names singular matrices only for the other factor: that p is positive definite, and the
#   decomposition unique, if the matrix is nonsingular. scipy's polar of the same matrix is unitary.
#
#   The default method loses the third axis of points in a plane, such as the corners of a chessboard or a flat
#   molecule: the factor has the determinant 0 and maps the normal to zero, so that "turned" points are squeezed flat.
#   It is so too for points that are 100,000 times wider than thick, where the determinant is 0.005. method="svd"
#   gives a unitary factor each time.
#
#   The source: `polar` in jax/_src/scipy/linalg.py calls `qdwh` by default, whose own docstring asks for a matrix of
#   full rank. Its iteration takes the rounding error of a float32 as a lower bound of the singular values and stops
#   by that bound, so a smaller one is still on its way from 0 to 1. qdwh returns a flag of convergence, and polar
#   drops it.
#
# Output seen:
#   thickness   determinant of the factor: default       svd     scipy     length of the turned normal
#         1.0                                 1.0000    1.0000    1.0000                          1.0000
#        0.01                                 1.0000    1.0000    1.0000                          1.0000
#      0.0001                                 1.0000    1.0000    1.0000                          1.0000
#       1e-05                                 0.0053    1.0000    1.0000                          0.0053
#       1e-06                                 0.0000    1.0000    1.0000                          0.0000
#         0.0                                 0.0000    1.0000    1.0000                          0.0000
#   error of the rotation from points in a plane: 0.98 and from thick ones 6e-08
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
import scipy.linalg
import scipy.spatial.transform

turn = scipy.spatial.transform.Rotation.from_rotvec([0.1, -0.2, 0.3]).as_matrix().astype(np.float32)
cloud = np.random.RandomState(0).randn(50, 3).astype(np.float32)
seen = {}
print("thickness   determinant of the factor: default       svd     scipy     length of the turned normal")
for thickness in (1.0, 1e-2, 1e-4, 1e-5, 1e-6, 0.0):
    points = cloud * np.float32([1, 1, thickness])
    covariance = (points @ turn.T).T @ points
    factors = [
        jax.scipy.linalg.polar(jnp.asarray(covariance))[0],
        jax.scipy.linalg.polar(jnp.asarray(covariance), method="svd")[0],
        scipy.linalg.polar(covariance)[0],
    ]
    determinants = [float(np.linalg.det(np.asarray(factor))) for factor in factors]
    normals = [float(np.linalg.norm(np.asarray(factor)[:, 2])) for factor in factors]
    seen[thickness] = determinants, normals, float(np.abs(np.asarray(factors[0]) - turn).max())
    text = "".join(f"{abs(x):10.4f}" for x in determinants)
    print(f"{thickness:9}                             {text}{normals[0]:32.4f}")

error = float(jnp.abs(jax.scipy.linalg.polar(jnp.asarray(covariance))[0] - turn).max())
print("error of the rotation from points in a plane:", round(error, 2), "and from thick ones", f"{seen[1.0][2]:.0e}")
others = all(abs(abs(x) - 1) < 1e-3 for row in seen.values() for x in row[0][1:])
thick = all(abs(seen[x][0][0] - 1) < 1e-3 for x in (1.0, 1e-2, 1e-4))
flat = all(abs(seen[x][0][0]) < 0.05 and seen[x][1][0] < 0.5 for x in (1e-5, 1e-6, 0.0))
sys.exit(0 if others and thick and flat else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
