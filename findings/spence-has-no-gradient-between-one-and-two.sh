#!/usr/bin/env bash
# jax.grad of spence is NaN between 1 and 2, where jax.jvp is right, and both give 0 at 1, where the slope is -1.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   jax.scipy.special.spence is the dilogarithm. Its derivative is log(x) / (1 - x), smooth for each positive x, and
#   the docstring names no exception there. One expects one derivative, whichever way jax takes it.
#
#   The gradient is NaN from 1 to 2 and right on both sides of that, and jax.jvp is right all the way. One weight
#   between 1 and 2 makes the gradient of a whole sum NaN. At 1 itself, where a dilogarithm is 0, both give a
#   derivative of 0 and not -1: there is no pull on a parameter that starts there. At 0 both give 0 where the slope
#   is infinite.
#
#   The source: `_spence_calc` in jax/_src/scipy/special.py computes log(1 - x) for each x and throws it away above
#   0.5 by jnp.where; a linearization multiplies its NaN by the 0 of the branch not taken. Above 2 the function works
#   on 1/x, and so is safe. jax.jvp selects between tangents instead of multiplying. At 1 and at 0 `_spence` puts in
#   a constant by jnp.piecewise, and a constant has the derivative 0.
#
# Output seen:
#        x    spence   jax.grad    jax.jvp  difference  log(x)/(1-x)
#     0.25   0.97847   -1.84839   -1.84839    -1.84862      -1.84839
#     0.75   0.26765   -1.15073   -1.15073    -1.15075      -1.15073
#    0.999   0.00100   -1.00050   -1.00050    -1.00051      -1.00050
#      1.0   0.00000    0.00000    0.00000    -1.00001      -1.00000
#    1.001  -0.00100        nan   -0.99950    -0.99951      -0.99950
#     1.25  -0.23590        nan   -0.89257    -0.89258      -0.89257
#     1.75  -0.64276        nan   -0.74615    -0.74615      -0.74615
#      2.0  -0.82247        nan   -0.69315    -0.69317      -0.69315
#     2.25  -0.99005   -0.64874   -0.64874    -0.64875      -0.64874
#     10.0  -3.95066   -0.25584   -0.25584    -0.25582      -0.25584
#   gradient of a sum at 0.25, 1.25, 10: [-1.8483922481536865, nan, -0.25584277510643005]
#   gradient of a scale of 0.25, 0.75, 3 at 1 and at 0.5: -2.973062515258789 nan
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
from jax.scipy.special import spence

POINTS = (0.25, 0.75, 0.999, 1.0, 1.001, 1.25, 1.75, 2.0, 2.25, 10.0)
seen = {}
print("     x    spence   jax.grad    jax.jvp  difference  log(x)/(1-x)")
for x in POINTS:
    forward = float(jax.jvp(spence, (x,), (1.0,))[1])
    backward = float(jax.grad(spence)(x))
    difference = float(spence(x + 0.01) - spence(x - 0.01)) / 0.02
    right = np.log(x) / (1 - x) if x != 1 else -1.0
    seen[x] = backward, forward, right
    print(f"{x:6} {float(spence(x)):9.5f} {backward:10.5f} {forward:10.5f} {difference:11.5f} {right:13.5f}")

gradient = jax.grad(lambda x: spence(x).sum())(jnp.array([0.25, 1.25, 10.0]))
print("gradient of a sum at 0.25, 1.25, 10:", gradient.tolist())
x = jnp.array([0.25, 0.75, 3.0])
weighted = jax.grad(lambda scale: spence(scale * x).sum())(1.0), jax.grad(lambda scale: spence(scale * x).sum())(0.5)
print("gradient of a scale of 0.25, 0.75, 3 at 1 and at 0.5:", *map(float, weighted))
between = all(np.isnan(seen[x][0]) for x in (1.001, 1.25, 1.75, 2.0))
outside = all(abs(seen[x][0] - seen[x][2]) < 1e-3 for x in (0.25, 0.75, 0.999, 2.25, 10.0))
forward = all(abs(seen[x][1] - seen[x][2]) < 1e-3 for x in POINTS if x != 1)
sums = np.isfinite(weighted[0]) and np.isnan(weighted[1])
sys.exit(0 if between and outside and forward and sums and seen[1.0][:2] == (0, 0) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
