#!/usr/bin/env bash
# The gradient of digamma is -0.05 at -20.5 and -2.9e12 at -9.5, where 10 is right; digamma itself is right.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The docstrings of jax.scipy.special.digamma and polygamma take a real x. Below 0 the function has a pole at each
#   integer, and between them its derivative is never less than pi**2. One expects a gradient as right as the value,
#   as scipy's polygamma(1, x) is.
#
#   It is right down to -7 or so. Below -8 it is another number of any size and sign, and no NaN tells. The same
#   number stands in the second derivative of gammaln, in polygamma(1, x), and in float64 too.
#
#   The source: the gradient of `digamma_p` (jax/_src/lax/special.py) is polygamma(1, x), which XLA's client takes
#   from its Hurwitz zeta function zeta(2, x) without a reflection. That one adds some terms 1/(x + k)**2 and then an
#   expansion for a large x + 9. From -7 up what is left is well above 0. Below -10 it is negative, far outside of
#   the domain of the expansion, and near -9 it is near 0, so that its powers explode.
#
# Output seen:
#         x  digamma    right   its gradient  second of gammaln   polygamma(1, x)      float64     right
#      20.5   2.9958   2.9958        0.04999            0.04999           0.04999      0.04999    0.0500
#       0.5  -1.9635  -1.9635         4.9348             4.9348            4.9348       4.9348    4.9348
#      -0.5   0.0365   0.0365         8.9348             8.9348            8.9348       8.9348    8.9348
#      -5.5   1.7929   1.7929         9.7033             9.7033            9.7033       9.7033    9.7033
#      -6.5   1.9468   1.9468          9.727              9.727             9.727        9.727    9.7270
#      -8.5   2.1977   2.1977          6.795              6.795             6.795        6.795    9.7586
#      -9.5   2.3030   2.3030    -2.8543e+12        -2.8543e+12       -2.8543e+12  -2.8543e+12    9.7697
#     -10.5   2.3982   2.3982     2.8543e+12         2.8543e+12        2.8543e+12   2.8543e+12    9.7788
#     -20.5   3.0446   3.0446       -0.04761           -0.04761          -0.04761     -0.04761    9.8220
#   -100.25   7.7542   7.7542     -0.0099255         -0.0099255        -0.0099255   -0.0099255   19.7293
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
from jax.scipy.special import digamma, gammaln, polygamma

POINTS = (20.5, 0.5, -0.5, -5.5, -6.5, -8.5, -9.5, -10.5, -20.5, -100.25)
seen = {}
print("      x  digamma    right   its gradient  second of gammaln   polygamma(1, x)      float64     right")
for x in POINTS:
    value, right = float(digamma(x)), float(scipy.special.digamma(x))
    slopes = [jax.grad(digamma)(x), jax.hessian(gammaln)(x), polygamma(1, x)]
    with jax.enable_x64(True):
        slopes.append(jax.grad(digamma)(jnp.float64(x)))
    exact = float(scipy.special.polygamma(1, x))
    seen[x] = abs(value - right) < 1e-4 * abs(right), [float(slope) / exact - 1 for slope in slopes]
    texts = [f"{float(slope):{width}.5g}" for slope, width in zip(slopes, (15, 19, 18, 13))]
    print(f"{x:7}{value:9.4f}{right:9.4f}", *texts, f"{exact:10.4f}", sep="")

values = all(good for good, _ in seen.values())
near = all(np.max(np.abs(seen[x][1])) < 1e-2 for x in POINTS[:5])
far = all(np.min(np.abs(seen[x][1])) > 0.2 for x in POINTS[5:])
sys.exit(0 if values and near and far else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
