#!/usr/bin/env bash
# fastquat's exp of three quaternions multiplies each part by the size of another one; of two or four it is a TypeError.
#
# Date: 2026-11-30
#
# Versions: fastquat 0.5.2, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   Quaternion of fastquat is an array of quaternions, of any shape, and its functions are to work on each of them.
#   exp and log are inverse to each other.
#
#   exp of an array of exactly three quaternions gives wrong ones without an error, as does a power that is not 1, 2,
#   -1, -2 or 0, which is made of exp and log. The part x of each is multiplied by the factor that belongs to the
#   first quaternion of the array, y by that of the second, and z by that of the third. With another number in the
#   array there is a TypeError, and one by one, or in jax.vmap, all is right. Unit quaternions do not show it for
#   exp(log(q)), as all factors are 1 then, but arrays of two or four of them fail just so.
#
#   The source: `exp` in fastquat/quaternion.py gives an axis to the sine and none to the factor exp(w) in front of
#   it, so that (n,) * (n, 1) becomes (n, n).
#
# Output seen:
#   number   exp of the array, error by the series   one by one   in vmap    (q ** 0.5) ** 2 - q
#        1                   2.2e-16                 2.2e-16   2.2e-16              6.1e-16
#        2                 TypeError                 2.2e-16   2.2e-16            TypeError
#        3                   2.3e-01                 2.2e-16   2.2e-16              3.5e-01
#        4                 TypeError                 4.4e-16   4.4e-16            TypeError
#        5                 TypeError                 4.4e-16   4.4e-16            TypeError
#   x, y and z of the exp of three quaternions that have x = y = z and w = 0, 1 and 2:
#   [[0.57  1.549 4.211]
#    [0.57  1.549 4.211]
#    [0.57  1.549 4.211]]
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
packages=('fastquat==0.5.2' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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

jax.config.update("jax_enable_x64", True)


def series(wxyz):
    """The exponential of a quaternion: that of the 4 x 4 matrix by which it multiplies from the left."""
    w, x, y, z = wxyz
    matrix = jnp.array([[w, -x, -y, -z], [x, w, -z, y], [y, z, w, -x], [z, -y, x, w]])
    return np.asarray(jax.scipy.linalg.expm(matrix)[:, 0])


def attempt(function, *values):
    try:
        return np.asarray(function(*values).wxyz)
    except TypeError as error:
        return type(error).__name__


points = jax.random.normal(jax.random.key(0), (5, 4))
right = np.stack([series(point) for point in points])
seen = {}
print("number   exp of the array, error by the series   one by one   in vmap    (q ** 0.5) ** 2 - q")
for number in range(1, 6):
    array = Quaternion.from_array(points[:number])
    together = attempt(lambda q: q.exp(), array)
    single = np.stack([np.asarray(Quaternion.from_array(point).exp().wxyz) for point in points[:number]])
    mapped = np.asarray(jax.vmap(lambda q: q.exp())(array).wxyz)
    root = attempt(lambda q: (q**0.5) ** 2 - q, array)
    row = [x if isinstance(x, str) else np.abs(x - right[:number]).max() for x in (together, single, mapped)]
    row.append(root if isinstance(root, str) else np.abs(root).max())
    seen[number] = row
    texts = [x if isinstance(x, str) else f"{x:.1e}" for x in row]
    print(f"{number:6}{texts[0]:>26}{texts[1]:>24}{texts[2]:>10}{texts[3]:>21}")
array = Quaternion.from_array(jnp.array([[0.0, 1, 1, 1], [1.0, 1, 1, 1], [2.0, 1, 1, 1]]))
print("x, y and z of the exp of three quaternions that have x = y = z and w = 0, 1 and 2:")
parts = np.asarray(array.exp().vector)
print(np.array2string(parts, precision=3))
fine = all(row[1] < 1e-12 and row[2] < 1e-12 for row in seen.values()) and seen[1][0] < 1e-12 and seen[1][3] < 1e-12
failed = all(seen[number][0] == seen[number][3] == "TypeError" for number in (2, 4, 5))
wrong = seen[3][0] > 0.1 and seen[3][3] > 0.1
wrong = wrong and np.allclose(parts[:, 1] / parts[:, 0], np.e) and np.allclose(parts[:, 2] / parts[:, 0], np.e**2)
sys.exit(0 if fine and failed and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
