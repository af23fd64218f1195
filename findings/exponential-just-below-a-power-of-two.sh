#!/usr/bin/env bash
# jax.scipy.linalg.expm is 1.5% to 13% off for norms just below 7.85, 15.7, 31.4 and 62.8, and right just above them.
#
# Date: 2026-12-01
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, scipy 1.18.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The exponential of a matrix is computed by scaling and squaring: the matrix is halved until a rational approximation
#   is exact to rounding, and the result is squared as often. So one expects an error of about 1e-6 in float32 and 1e-14
#   in float64, as scipy has, for each norm.
#
#   The error of jax's grows by a factor of 100,000 between 3.93 and 7.85, where it is 1.5%, falls to 4e-6 just above
#   that, and grows again up to 15.7 with 3%, up to 31.4 with 6% and up to 62.8 with 13%. The rotation by 7.8 radians is
#   off by 0.002, and a decay by exp(-7.7) is 1.2% too small, with no sign of it. float64 has the same with another
#   bound: 2e-7 just below 10.74, and 2e-15 above. A matrix that is halved by hand and squared once more is right:
#   expm(A / 2) @ expm(A / 2), as long as the norm of A / 2 is not in such a range, too; A / 2**k with a norm below 3.9
#   is right for each.
#
#   The source: `_calc_P_Q` in jax/_src/scipy/linalg.py takes the number of halvings as floor(log2(norm / bound)), where
#   the method needs ceil: a matrix of up to twice the bound is not halved enough.
#
# Output seen:
#   float32: relative error of exp(x) as a matrix of 1 x 1
#         x       jax     scipy    halved by hand until it is below 3.9
#      1.00   5.7e-08   5.7e-08   5.7e-08
#      3.90   1.1e-07   1.1e-07   1.1e-07
#      5.00   1.3e-05   2.1e-08   2.3e-07
#      6.00   1.9e-04   5.3e-08   5.5e-07
#      7.00   2.4e-03   1.8e-08   4.3e-07
#      7.80   1.5e-02   2.3e-07   2.3e-07
#      7.90   3.9e-06   5.3e-08   8.7e-07
#     15.60   3.0e-02   3.3e-07   5.0e-07
#     15.80   7.7e-06   2.1e-07   1.7e-06
#     31.25   6.2e-02   4.9e-08   1.6e-06
#     31.50   7.3e-06   1.7e-08   6.8e-07
#     62.50   1.3e-01   6.0e-08   3.2e-06
#     63.00   1.5e-05   8.2e-08   1.4e-06
#   rotation by 7.8 radians, float32:  1.8e-03, 4.1e-07, 1.7e-07
#   float64: relative error of exp(x) as a matrix of 1 x 1
#         x       jax     scipy    halved by hand until it is below 3.9
#      5.00   4.4e-15   0.0e+00   1.1e-15
#     10.70   1.6e-07   0.0e+00   3.8e-15
#     10.80   1.9e-15   0.0e+00   8.9e-16
#     21.40   3.1e-07   0.0e+00   7.4e-15
#     21.60   4.0e-15   0.0e+00   2.0e-15
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'scipy==1.18.1' 'numpy==2.5.5')
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
from jax.scipy.linalg import expm


def halved(matrix):
    """The exponential by jax of the matrix halved until its norm is below 3.9, squared as often."""
    count = max(0, int(np.ceil(np.log2(np.abs(matrix).sum(axis=0).max() / 3.9))))
    found = expm(matrix / 2**count)
    for _ in range(count):
        found = found @ found
    return found


def error(x, function, dtype):
    return abs(float(function(np.array([[x]], dtype))[0, 0]) / float(np.exp(np.float64(x))) - 1)


def table(points, dtype):
    print(f"{dtype}: relative error of exp(x) as a matrix of 1 x 1")
    print("      x       jax     scipy    halved by hand until it is below 3.9")
    rows = []
    for x in points:
        rows.append([error(x, function, dtype) for function in (expm, scipy.linalg.expm, halved)])
        print(f"{x:7.2f}" + "".join(f"{number:10.1e}" for number in rows[-1]))
    return np.array(rows).T


found, others, by_hand = table((1, 3.9, 5, 6, 7, 7.8, 7.9, 15.6, 15.8, 31.25, 31.5, 62.5, 63), "float32")
good = found[5] > 0.01 and found[7] > 0.02 and found[9] > 0.04 and found[11] > 0.04
good = good and found[[0, 1, 6]].max() < 1e-5 and found[[8, 10, 12]].max() < 1e-3
good = good and others.max() < 1e-5 and by_hand.max() < 1e-4


def rotation(angle, function):
    """The largest error of a rotation by an angle."""
    exact = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return float(np.abs(np.asarray(function(np.array([[0, -angle], [angle, 0]], np.float32))) - exact).max())


turns = [rotation(7.8, function) for function in (expm, scipy.linalg.expm, halved)]
print("rotation by 7.8 radians, float32: ", ", ".join(f"{number:.1e}" for number in turns))
good = good and turns[0] > 1e-3 and max(turns[1:]) < 1e-5
jax.config.update("jax_enable_x64", True)
found, others, by_hand = table((5, 10.7, 10.8, 21.4, 21.6), "float64")
good = good and found[[1, 3]].min() > 1e-9 and others.max() < 1e-13 and by_hand.max() < 1e-12
assert jnp.asarray(1.0).dtype == jnp.float64
sys.exit(0 if good else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
