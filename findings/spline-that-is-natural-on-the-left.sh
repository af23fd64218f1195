#!/usr/bin/env bash
# The natural spline of jax-cosmo is natural at its left end alone: mirrored data give another curve.
#
# Date: 2026-11-30
#
# Versions: jax-cosmo 0.1.0, setuptools 79.0.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12,
#   CPU.
#
# Behaviour:
#   InterpolatedUnivariateSpline of jax-cosmo takes endpoints="natural", which, as its docstring says, makes the second
#   derivative vanish at both ends. One expects the natural spline of scipy, and that of data from right to left the
#   mirror image of that from left to right.
#
#   At the right end the second derivative is that of the last knot but one. So the last piece is a parabola, and the
#   curve is off by 2.5% of the range beside it, and less and less towards the left. The slope at the right end is wrong
#   by 0.29 for a cosine. The left end is right, and so is endpoints="not-a-knot", the default, at both ends.
#
#   The source: in jax_cosmo/scipy/interpolate.py the last equation has -1 besides the 1 (AN1), so it sets the last two
#   coefficients equal. The first equation has 0 there.
#
# Output seen:
#   endpoints     error by piece, left to right, as % of the range          2nd derivative at the ends   of scipy
#   natural        0.001  0.003  0.013  0.047  0.176  0.656  2.450     [ 0.    -0.995]              [ 0. -0.]
#   not-a-knot     0.000  0.000  0.000  0.000  0.000  0.000  0.000     [-1.422 -1.415]              [-1.422 -1.415]
#   natural: error of the slopes at the ends [0.0001, -0.2872], of the mirror image 0.0487
#   not-a-knot: error of the slopes at the ends [-0.0, 0.0], of the mirror image 0.0000
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
packages=('jax-cosmo==0.1.0' 'setuptools==79.0.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
from scipy.interpolate import CubicSpline

jax.config.update("jax_enable_x64", True)
from jax_cosmo.scipy.interpolate import InterpolatedUnivariateSpline  # noqa: E402

x = np.linspace(0.0, 7.0, 8)
y = np.cos(x)
fine = np.linspace(0.0, 7.0, 141)
ends = np.array([0.0, 7.0])
seen = {}
print("endpoints     error by piece, left to right, as % of the range          2nd derivative at the ends   of scipy")
for name in ("natural", "not-a-knot"):
    mine = InterpolatedUnivariateSpline(jnp.array(x), jnp.array(y), k=3, endpoints=name)
    right = CubicSpline(x, y, bc_type=name)
    errors = np.abs(np.asarray(mine(fine)) - right(fine))
    pieces = [100 * errors[20 * i : 20 * i + 21].max() / np.ptp(y) for i in range(7)]
    second = np.asarray(mine.derivative(ends, 2))
    slopes = np.asarray(mine.derivative(ends, 1)) - right(ends, 1)
    mirrored = InterpolatedUnivariateSpline(jnp.array(x), jnp.array(y[::-1]), k=3, endpoints=name)
    mirror = float(np.abs(np.asarray(mirrored(7.0 - fine)) - np.asarray(mine(fine))).max())
    seen[name] = (pieces, second, right(ends, 2), slopes, mirror)
    texts = (np.array2string(a, precision=3, suppress_small=True) for a in (second, right(ends, 2)))
    print(f"{name:14}" + " ".join(f"{a:6.3f}" for a in pieces) + "     {:29}{}".format(*texts))
for name, row in seen.items():
    print(f"{name}: error of the slopes at the ends {np.round(row[3], 4).tolist()}, of the mirror image {row[4]:.4f}")
natural, knot = seen["natural"], seen["not-a-knot"]
wrong = abs(natural[1][0]) < 1e-9 and abs(natural[1][1]) > 0.3 and abs(natural[2]).max() < 1e-9 and natural[0][-1] > 1
wrong = wrong and natural[4] > 0.02 and abs(natural[3][0]) < 1e-3 and abs(natural[3][1]) > 0.05
sys.exit(0 if wrong and max(knot[0]) < 1e-6 and knot[4] < 1e-9 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
