#!/usr/bin/env bash
# brax.math.inv_3x3 inverts an inertia of 1e-4 to 3% of what is right, and one of 1e-5 to 0.003%.
#
# Date: 2026-11-29
#
# Versions: brax 0.14.2, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, mujoco 4.0.0, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   inv_3x3 is the "inverse specialized for 3x3 matrices", as an inertia is. One expects a relative error near that of
#   float32 if the matrix is well conditioned, in each unit. The finger of a robot hand, 50 g and 5 cm long, has an
#   inertia of about 1e-5 kg m^2.
#
#   The inverse is too small by the factor det / (det + 1e-10). An inertia of 1e-3 gives an error of 3%, 1e-4 gives 3%
#   of the right inverse, and 1e-5 gives 3 parts of 100,000: the body can hardly be turned. The gradient has the wrong
#   sign there. A determinant near -1e-10 gives any number. jnp.linalg.inv is right for all of them.
#
#   The source: the function in brax/math.py ends in `adjugate / (det + 1e-10)`. A determinant grows with the third
#   power of the unit, so that 1e-10 is not small beside that of a small body.
#
# Output seen:
#     inertia   of the right acceleration: inv_3x3   linalg.inv   of the right gradient: inv_3x3   linalg.inv
#       1e+03                             1.000000     1.000000                         1.000000     1.000000
#       1e+00                             1.000000     1.000000                         1.000000     1.000000
#       1e-02                             0.999964     1.000000                         0.999857     1.000000
#       1e-03                             0.965553     1.000000                         0.865771     1.000000
#       5e-04                             0.777963     1.000000                         0.259753     1.000000
#       1e-04                             0.027266     1.000000                        -0.052301     1.000000
#       1e-05                             0.000028     1.000000                        -0.000056     1.000000
#   of the right inverse with a determinant of -1e-10: -181.48
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
packages=('brax==0.14.2' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'mujoco==4.0.0' 'numpy==2.5.5')
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
import numpy as np

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    from brax import math

shape = np.array([[2.0, 0.3, 0.1], [0.3, 1.5, -0.2], [0.1, -0.2, 1.0]])
axis = jnp.array([0.0, 0.0, 1.0])


def rate(inverse, inertia):
    """The angular acceleration by a torque of one newton metre about z."""
    return (inverse(inertia) @ axis)[2]


seen = {}
print("  inertia   of the right acceleration: inv_3x3   linalg.inv   of the right gradient: inv_3x3   linalg.inv")
for unit in (1e3, 1.0, 1e-2, 1e-3, 5e-4, 1e-4, 1e-5):
    inertia = jnp.asarray(shape * unit, jnp.float32)
    right = np.linalg.inv(shape * unit)[2, 2]
    slope = -right / unit
    row = []
    for inverse in (math.inv_3x3, jnp.linalg.inv):
        value = float(rate(inverse, inertia)) / right
        gradient = jax.grad(lambda unit, f=inverse: rate(f, unit * jnp.asarray(shape, jnp.float32)))
        row += [value, float(gradient(jnp.float32(unit))) / slope]
    seen[unit] = row
    print(f"{unit:9.0e} {row[0]:36.6f} {row[2]:12.6f} {row[1]:32.6f} {row[3]:12.6f}")
mirrored = jnp.diag(jnp.array([-4.6e-4, 4.6e-4, 4.7e-4]))
print("of the right inverse with a determinant of -1e-10:", round(float(math.inv_3x3(mirrored)[2, 2] * 4.7e-4), 2))
usual = all(abs(x - 1) < 1e-3 for unit in (1e3, 1.0) for x in seen[unit])
small = abs(seen[1e-4][0] - 0.0274) < 0.03 and seen[1e-5][0] < 1e-4 and abs(seen[1e-3][0] - 1) > 0.01
sound = all(abs(x - 1) < 1e-3 for row in seen.values() for x in row[2:])
sys.exit(0 if usual and small and sound else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
