#!/usr/bin/env bash
# radiax.roots gives x**3 - 0.3 x**2 + 0.1 x + 30 the root -2.26 in single precision, where -3 is right.
#
# Date: 2026-11-30
#
# Versions: radiax 0.1.5, parajax 0.4.2, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   radiax calls its roots a drop-in replacement of jax.numpy.roots for polynomials up to the third degree. Roots that
#   lie far apart are well determined: they change as little as the coefficients do.
#
#   The roots of a cubic polynomial near a x**3 + b are wrong if that has a negative real root, by 25% in single
#   precision and by 13% in double precision. All three are; they still sum up to what they should. The mirrored
#   polynomial, for -x, has the same roots but for the sign, and is right to all digits. So is jax.numpy.roots. With
#   real=True, which gives the real root alone, the error is much smaller, and up to 0.08%. Nothing warns.
#
#   The source: `_roots_cubic_no_zeros` in radiax/__init__.py, which is Cardano's formula, takes the cube root of a
#   difference of two numbers that are nearly equal, -Q and the root of the discriminant, if Q is positive. It divides
#   by that cube root afterwards. With the other sign of the square root it would be a sum.
#
# Output seen:
#   error of the real root, in parts of it
#   polynomial                      dtype    right   radiax     error  mirrored  real=True  jnp.roots
#   x**3 - 0.01 x + 1             float32 -1.00333 -1.07823   7.5e-02   9.2e-09    2.3e-04    4.8e-07
#   x**3 + 0.03 x + 2             float32 -1.25198 -1.27219   1.6e-02   7.0e-08    9.9e-05    1.7e-07
#   x**3 - 0.3 x**2 + 0.1 x + 30  float32 -3.00000 -2.26068   2.5e-01   1.3e-09    7.8e-04    7.8e-08
#   x**3 - 1e-4 x + 1             float64 -1.00003 -1.00013   1.0e-04   8.9e-16    3.3e-09    0.0e+00
#   x**3 - 1e-5 x + 1             float64 -1.00000 -0.87382   1.3e-01   1.8e-15    4.8e-07    0.0e+00
#   x**3 + 1e-5 x + 1             float64 -1.00000 -1.00000   3.3e-06   2.2e-16    3.3e-06    0.0e+00
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
packages=('radiax==0.1.5' 'parajax==0.4.2' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
import radiax

jax.config.update("jax_enable_x64", True)


def real_root(coefficients, dtype):
    """The error of the real root, in parts of it: radiax, radiax for the mirrored polynomial, real=True, jax.numpy."""
    coefficients = np.array(coefficients, dtype)
    every = np.roots(coefficients.astype(np.float64))
    right = every[np.argmin(np.abs(every.imag))].real
    mirrored = coefficients * np.array([1, -1, 1, -1], dtype)
    found = (
        radiax.roots(jnp.asarray(coefficients)),
        -radiax.roots(jnp.asarray(mirrored)),
        radiax.roots(jnp.asarray(coefficients), real=True),
        jnp.roots(jnp.asarray(coefficients)),
    )
    errors = [float(np.nanmin(np.abs(np.asarray(roots, np.complex128) - right))) / abs(right) for roots in found]
    nearest = np.asarray(found[0])[np.argmin(np.abs(np.asarray(found[0]) - right))]
    return right, nearest.real, errors


seen = {}
print("error of the real root, in parts of it")
print("polynomial                      dtype    right   radiax     error  mirrored  real=True  jnp.roots")
for text, coefficients, dtype in (
    ("x**3 - 0.01 x + 1", (1, 0, -0.01, 1), "float32"),
    ("x**3 + 0.03 x + 2", (1, 0, 0.03, 2), "float32"),
    ("x**3 - 0.3 x**2 + 0.1 x + 30", (1, -0.3, 0.1, 30), "float32"),
    ("x**3 - 1e-4 x + 1", (1, 0, -1e-4, 1), "float64"),
    ("x**3 - 1e-5 x + 1", (1, 0, -1e-5, 1), "float64"),
    ("x**3 + 1e-5 x + 1", (1, 0, 1e-5, 1), "float64"),
):
    right, nearest, errors = real_root(coefficients, dtype)
    seen[text] = errors
    line = "".join(f"{error:{width}.1e}" for error, width in zip(errors, (10, 10, 11, 11)))
    print(f"{text:29}{dtype:>8}{right:9.5f}{nearest:9.5f}{line}")
wrong = seen["x**3 - 0.3 x**2 + 0.1 x + 30"][0] > 0.1 and seen["x**3 - 0.01 x + 1"][0] > 0.03
wrong &= seen["x**3 - 1e-5 x + 1"][0] > 0.05
right = all(errors[1] < 1e-6 and errors[3] < 1e-5 for errors in seen.values())
sys.exit(0 if wrong and right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
