#!/usr/bin/env bash
# The gradient of jnp.vander and jnp.polyfit is NaN by a point that is exactly 0.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A polynomial is fitted to samples at the times 0, 1, 2 and 3, and the loss is differentiated by the times, as for
#   a clock that runs late. Powers with whole exponents have a derivative at 0: jnp.polyval and x ** jnp.array([2, 1,
#   0]) are the same function as the product with jnp.vander, and have it. One expects the same gradient of all.
#
#   jnp.vander has NaN at the point 0, with jax.grad and jax.jvp, and jnp.polyfit with it; a thousandth further both
#   are right. jnp.vander (jax/_src/numpy/lax_numpy.py) makes its exponents as floats, and the rule for a float
#   exponent multiplies 0 by 0 ** -1 for the column of ones. With whole exponents jax has another rule. The first
#   sample of a series is mostly at 0, and a gradient by a common shift of all times is NaN as a whole. An issue tells
#   the same of TensorFlow's vander, and none of jax's was found.
#
# Output seen:
#   gradient by each of the points 0.0 1.0 2.0 3.0
#     jnp.vander(x, 3) @ c           x + 0.0   [nan  4.  6.  8.]
#     jnp.vander(x, 3) @ c           x + 0.001 [2.002 4.002 6.002 8.002]
#     jnp.polyval(c, x)              x + 0.0   [2. 4. 6. 8.]
#     jnp.polyval(c, x)              x + 0.001 [2.002 4.002 6.002 8.002]
#     x ** jnp.array([2, 1, 0]) @ c  x + 0.0   [2. 4. 6. 8.]
#     x ** jnp.array([2, 1, 0]) @ c  x + 0.001 [2.002 4.002 6.002 8.002]
#     jnp.polyfit(x, y, 2)[0]        x + 0.0   [   nan  0.025  0.275 -0.525]
#     jnp.polyfit(x, y, 2)[0]        x + 0.001 [ 0.225  0.025  0.275 -0.525]
#   the first three are the same function: True
#   gradient by a shift of all points, through jnp.polyfit: nan
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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

POINTS = jnp.array([0.0, 1.0, 2.0, 3.0])
VALUES = jnp.array([1.0, 2.0, 2.0, 5.0])
C = jnp.array([1.0, 2.0, 3.0])


SUMS = {
    "jnp.vander(x, 3) @ c": lambda x: jnp.vander(x, 3) @ C,
    "jnp.polyval(c, x)": lambda x: jnp.polyval(C, x),
    "x ** jnp.array([2, 1, 0]) @ c": lambda x: x[:, None] ** jnp.array([2, 1, 0]) @ C,
    "jnp.polyfit(x, y, 2)[0]": lambda x: jnp.polyfit(x, VALUES, 2)[0],
}

seen = {}
print("gradient by each of the points", *POINTS.tolist())
for name, function in SUMS.items():
    for shift in (0.0, 1e-3):
        points = POINTS + shift
        gradient = np.asarray(jax.grad(lambda x: function(x).sum())(points))
        seen[name, shift] = gradient
        print(f"  {name:30} x + {shift:<5} {np.array2string(gradient, precision=3, suppress_small=True)}")
values = [np.asarray(function(POINTS)) for function in list(SUMS.values())[:3]]
same = all(np.allclose(value, values[0]) for value in values)
print("the first three are the same function:", same)
slope = jax.grad(lambda shift: ((jnp.polyval(jnp.polyfit(POINTS + shift, VALUES, 2), 1.5) - 3.0) ** 2))(0.0)
print("gradient by a shift of all points, through jnp.polyfit:", slope)
lost = [key for key, gradient in seen.items() if not np.isfinite(gradient).all()]
nan = all(np.isnan(gradient[0]) and np.isfinite(gradient[1:]).all() for gradient in map(seen.get, lost))
expected = [("jnp.vander(x, 3) @ c", 0.0), ("jnp.polyfit(x, y, 2)[0]", 0.0)]
sys.exit(0 if same and nan and lost == expected and np.isnan(slope) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
