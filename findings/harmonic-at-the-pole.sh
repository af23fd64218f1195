#!/usr/bin/env bash
# The gradient of jax.scipy.special.sph_harm_y is NaN at the pole and -inf beside it, and a value at 0.0002 is 0.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The spherical harmonics are smooth functions on the sphere. That of degree 1 and order 0 is cos(theta) and that of
#   order 1 is sin(theta), each times a constant, so that their slopes at the pole are 0 and -0.345. A grid on the
#   sphere, or an atom on the axis, has points there.
#
#   The derivative by theta is NaN at 0 for each degree and order, for (1, 0) too. From 0.00001 to 0.0002 it is NaN or
#   -inf, the values of order 1 are 0, and at 0.0003 they are 15% too large. At the other pole it is the same. From 0.01
#   on all is right. The gradient of a sum over a grid is NaN if one point is a pole. With 64 bits the value is right
#   from 1e-7 on, and the derivative at the pole is NaN.
#
#   The source: `sph_harm_y` in jax/_src/scipy/special.py hands cos(theta) to the Legendre functions, and
#   `_gen_associated_legendre` takes sqrt(1 - cos**2) for the sine, which is 0 in float32 below 0.00024, and whose
#   derivative is inf there, times 0 from that of the cosine. The sine of theta is at hand.
#
# Output seen:
#   degree, order    theta        value        right    derivative     right
#   1, 0                 0    4.886e-01    4.886e-01           nan   -0.0000
#   1, 0             1e-05    4.886e-01    4.886e-01           nan   -0.0000
#   1, 0            0.0001    4.886e-01    4.886e-01           nan   -0.0000
#   1, 0            0.0002    4.886e-01    4.886e-01           nan   -0.0001
#   1, 0            0.0003    4.886e-01    4.886e-01       -0.0001   -0.0001
#   1, 0             0.001    4.886e-01    4.886e-01       -0.0005   -0.0005
#   1, 0              0.01    4.886e-01    4.886e-01       -0.0049   -0.0049
#   1, 0               0.1    4.862e-01    4.862e-01       -0.0488   -0.0488
#   1, 0                 1    2.640e-01    2.640e-01       -0.4111   -0.4111
#   1, 1                 0    0.000e+00   -0.000e+00           nan   -0.3455
#   1, 1             1e-05    0.000e+00   -3.455e-06          -inf   -0.3455
#   1, 1            0.0001    0.000e+00   -3.455e-05          -inf   -0.3455
#   1, 1            0.0002    0.000e+00   -6.910e-05          -inf   -0.3455
#   1, 1            0.0003   -1.193e-04   -1.036e-04       -0.3002   -0.3455
#   1, 1             0.001   -3.374e-04   -3.455e-04       -0.3538   -0.3455
#   1, 1              0.01   -3.455e-03   -3.455e-03       -0.3454   -0.3455
#   1, 1               0.1   -3.449e-02   -3.449e-02       -0.3438   -0.3438
#   1, 1                 1   -2.907e-01   -2.907e-01       -0.1867   -0.1867
#   2, 1                 0    0.000e+00   -0.000e+00           nan   -0.7725
#   2, 1             1e-05    0.000e+00   -7.725e-06          -inf   -0.7725
#   2, 1            0.0001    0.000e+00   -7.725e-05          -inf   -0.7725
#   2, 1            0.0002    0.000e+00   -1.545e-04          -inf   -0.7725
#   2, 1            0.0003   -2.667e-04   -2.318e-04       -0.6713   -0.7725
#   2, 1             0.001   -7.544e-04   -7.725e-04       -0.7911   -0.7725
#   2, 1              0.01   -7.726e-03   -7.725e-03       -0.7723   -0.7724
#   2, 1               0.1   -7.674e-02   -7.674e-02       -0.7571   -0.7571
#   2, 1                 1   -3.512e-01   -3.512e-01        0.3215    0.3215
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
import scipy.special

ANGLES = (0.0, 1e-5, 1e-4, 2e-4, 3e-4, 1e-3, 1e-2, 0.1, 1.0)


def harmonic(theta, degree, order):
    args = (jnp.array([degree]), jnp.array([order]), theta[None], jnp.zeros(1))
    return jax.scipy.special.sph_harm_y(*args, n_max=3)[0].real


def right(theta, degree, order):
    theta = float(np.float32(theta))
    value = scipy.special.sph_harm_y(degree, order, theta, 0.0).real
    slopes = {
        (1, 0): -np.sqrt(3 / (4 * np.pi)) * np.sin(theta),
        (1, 1): -np.sqrt(3 / (8 * np.pi)) * np.cos(theta),
        (2, 1): -np.sqrt(15 / (8 * np.pi)) * np.cos(2 * theta),
    }
    return value, slopes[degree, order]


seen = {}
print("degree, order    theta        value        right    derivative     right")
for degree, order in ((1, 0), (1, 1), (2, 1)):
    for theta in ANGLES:
        value, slope = jax.value_and_grad(harmonic)(jnp.float32(theta), degree, order)
        want = right(theta, degree, order)
        seen[degree, order, theta] = float(value), float(slope), *want
        print(f"{degree}, {order} {theta:17.5g} {value:12.3e} {want[0]:12.3e} {slope:13.4f} {want[1]:9.4f}")
far = all(
    abs(row[0] - row[2]) < 1e-3 * abs(row[2]) and abs(row[1] - row[3]) < 0.02 * abs(row[3])
    for (*_, theta), row in seen.items()
    if theta >= 0.01
)
pole = all(np.isnan(seen[degree, order, 0.0][1]) for degree, order in ((1, 0), (1, 1), (2, 1)))
lost = all(seen[degree, 1, theta][0] == 0 for degree in (1, 2) for theta in (1e-5, 1e-4, 2e-4))
steep = all(not np.isfinite(seen[degree, 1, theta][1]) for degree in (1, 2) for theta in (1e-5, 1e-4, 2e-4))
sys.exit(0 if far and pole and lost and steep else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
