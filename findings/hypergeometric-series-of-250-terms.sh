#!/usr/bin/env bash
# jax.scipy.special.hyp2f1(1, 1.5, 2, 0.999) is 30.9, where 61.3 is right, and its gradients are too small too.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The docstring of hyp2f1 takes positive real arguments, and warns of large values of the function. 2F1(1, 3/2; 2; x)
#   is 2 / x * (1 / sqrt(1 - x) - 1), and 2F1(a, b; b; x) is (1 - x)**-a for any b, which is right up to 1. One expects
#   the same from others, and gradients that belong to the values.
#
#   From 0.99 on hyp2f1(1, 1.5, 2, x) is too small: 30.9 at 0.999, where 61.3 is right, and 2.52 at 0.99999 for
#   hyp2f1(0.5, 2, 3, x), where 2.65 is right. The derivatives by the parameters are wrong in all cases, also where the
#   value has a closed form: by a at 0.999 that of 2F1(1, 1; 1; x) is 1,115, and 6,908 is right. No value is large, no
#   NaN or warning tells, and 64 bits give the same numbers. In scipy they are right.
#
#   The source: in jax/_src/scipy/special.py `_hyp2f1_serie`, and `_hyp2f1_a_derivative` and its siblings, stop after
#   250 terms, whatever the last term is, and the terms fall only as x**k. The transformation to 1 - x, which converges
#   fast, is taken only for some parameters.
#
# Output seen:
#      a    b    c        x        value        right     scipy     by a in jax        right   float32
#    1.0  1.0  1.0      0.5       2.0000       2.0000      2.00           1.386        1.386      2.00
#    1.0  1.0  1.0      0.9      10.0000      10.0000     10.00          23.026       23.026     10.00
#    1.0  1.0  1.0     0.99     100.0000     100.0000    100.00         408.631      460.517    100.00
#    1.0  1.0  1.0    0.999    1000.0000    1000.0000   1000.00        1114.802     6907.755   1000.01
#    1.0  1.0  1.0  0.99999  100000.0000  100000.0000 100000.00        1273.427  1151292.549  99864.38
#    1.0  1.5  2.0      0.5       1.6569       1.6569      1.66           0.863        0.863      1.66
#    1.0  1.5  2.0      0.9       4.8051       4.8051      4.81           8.441        8.441      4.81
#    1.0  1.5  2.0     0.99      17.6757      18.1818     18.18          63.275       66.463     17.68
#    1.0  1.5  2.0    0.999      30.9433      61.3069     61.31         133.068      350.849     30.94
#    1.0  1.5  2.0  0.99999      33.6354     630.4618    630.46         147.751     6405.942     33.64
#    0.5  2.0  3.0      0.5       1.2386       1.2386      1.24           0.539        0.539      1.24
#    0.5  2.0  3.0      0.9       1.7826       1.7826      1.78           2.215        2.215      1.78
#    0.5  2.0  3.0     0.99       2.3125       2.3140      2.31           4.555        4.567      2.31
#    0.5  2.0  3.0    0.999       2.4947       2.5453      2.55           5.585        5.997      2.49
#    0.5  2.0  3.0  0.99999       2.5236       2.6541      2.65           5.758        6.940      2.52
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

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import numpy as np
import scipy.special
from jax.scipy.special import hyp2f1

POINTS = (0.5, 0.9, 0.99, 0.999, 0.99999)


def derivative(a, b, c, x):
    """By a, from central differences of scipy."""
    step = 1e-5
    return (scipy.special.hyp2f1(a + step, b, c, x) - scipy.special.hyp2f1(a - step, b, c, x)) / (2 * step)


seen = {}
print("   a    b    c        x        value        right     scipy     by a in jax        right   float32")
for a, b, c, exact in (
    (1.0, 1.0, 1.0, lambda x: 1 / (1 - x)),
    (1.0, 1.5, 2.0, lambda x: 2 / x * (1 / np.sqrt(1 - x) - 1)),
    (0.5, 2.0, 3.0, lambda x: scipy.special.hyp2f1(0.5, 2.0, 3.0, x)),
):
    for x in POINTS:
        value, slope = jax.value_and_grad(hyp2f1)(a, b, c, x)
        by_scipy = scipy.special.hyp2f1(a, b, c, x)
        single = hyp2f1(*(jnp.float32(v) for v in (a, b, c, x)))
        seen[b, x] = (float(value) / exact(x), by_scipy / exact(x), float(slope) / derivative(a, b, c, x))
        print(
            f"{a:4} {b:4} {c:4} {x:8} {float(value):12.4f} {exact(x):12.4f} {by_scipy:9.2f}"
            f" {float(slope):15.3f} {derivative(a, b, c, x):12.3f} {float(single):9.2f}"
        )
near = all(abs(ratio - 1) < 1e-3 for (_, x), row in seen.items() if x < 0.95 for ratio in row)
scipy_right = all(abs(row[1] - 1) < 1e-6 for row in seen.values())
closed = all(abs(seen[1.0, x][0] - 1) < 1e-6 for x in POINTS)
values = seen[1.5, 0.99][0] < 0.98 and seen[1.5, 0.999][0] < 0.6 and seen[2.0, 0.99999][0] < 0.96
slopes = all(seen[b, 0.999][2] < 0.5 for b in (1.0, 1.5))
sys.exit(0 if near and scipy_right and closed and values and slopes else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
