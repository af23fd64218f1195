#!/usr/bin/env bash
# The roots of a periodic spline of scipy are also outside of its period, where it is not 0: a sine is 0.87 at one.
#
# Date: 2026-11-30
#
# Versions: scipy 1.18.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   CubicSpline with bc_type="periodic" repeats itself beyond its points, and its values, derivatives and integrals do
#   so. The docstring of roots and solve says of extrapolate that "periodic" works as False: the roots of one period are
#   returned.
#
#   They return roots beyond the period as well, at which the spline itself is not 0. They are those of the first and
#   the last cubic, if one let them run on. Where a peak is sought as a root of the derivative, a place that is no peak
#   is among the results. extrapolate=False, given by hand, is right, and extrapolate="periodic" by hand is as wrong as
#   the default.
#
#   The source: `solve` of PPoly in scipy/interpolate/_interpolate.py passes bool(extrapolate) on, and the truth of
#   "periodic" is True. interpax, which has the same class for jax, turns "periodic" to False before.
#
# Output seen:
#   shape      function     extrapolate    roots, with a period of 6.283              largest value at a root
#   sine       spline       not given      [-4.7  -0.49  2.64  5.78  8.18]            0.8681
#   sine       spline       periodic       [-4.7  -0.49  2.64  5.78  8.18]            0.8681
#   sine       spline       False          [2.64 5.78]                                0.0000
#   sine       derivative   not given      [-3.    1.07  4.21  7.17]                  0.7902
#   sine       derivative   periodic       [-3.    1.07  4.21  7.17]                  0.7902
#   sine       derivative   False          [1.07 4.21]                                0.0000
#   two waves  spline       not given      [-3.65 -0.17  1.44  2.97  4.58  6.11  7.27]0.7448
#   two waves  spline       periodic       [-3.65 -0.17  1.44  2.97  4.58  6.11  7.27]0.7448
#   two waves  spline       False          [1.44 2.97 4.58 6.11]                      0.0000
#   two waves  derivative   not given      [ 0.69 -2.3   2.17  3.83  6.77  5.31]      0.5518
#   two waves  derivative   periodic       [ 0.69 -2.3   2.17  3.83  6.77  5.31]      0.5518
#   two waves  derivative   False          [0.69 2.17 3.83 5.31]                      0.0000
#   noise      spline       not given      [-1.54  0.22  1.26  3.25  4.82  6.5   7.41]0.0883
#   noise      spline       periodic       [-1.54  0.22  1.26  3.25  4.82  6.5   7.41]0.0883
#   noise      spline       False          [0.22 1.26 3.25 4.82]                      0.0000
#   noise      derivative   not given      [-0.84  0.79  2.24  4.07  5.52  7.01]      0.1272
#   noise      derivative   periodic       [-0.84  0.79  2.24  4.07  5.52  7.01]      0.1272
#   noise      derivative   False          [0.79 2.24 4.07 5.52]                      0.0000
#   12 of 12 have roots that are none
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
packages=('scipy==1.18.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from scipy.interpolate import CubicSpline


def worst(spline, roots):
    return float(np.abs(spline(roots)).max()) if len(roots) else 0.0


rng = np.random.default_rng(0)
knots = np.linspace(0.0, 2 * np.pi, 7)
shapes = {"sine": np.sin(knots + 0.5), "two waves": np.sin(2 * knots + 0.3), "noise": rng.normal(size=7)}
seen = {}
print("shape      function     extrapolate    roots, with a period of 6.283              largest value at a root")
for name, values in shapes.items():
    values[-1] = values[0]
    spline = CubicSpline(knots, values, bc_type="periodic")
    for what, function in (("spline", spline), ("derivative", spline.derivative())):
        for text, given in (("not given", None), ("periodic", "periodic"), ("False", False)):
            roots = function.roots(extrapolate=given)
            inside = bool(np.all((roots >= 0) & (roots <= knots[-1])))
            seen[name, what, text] = (inside, worst(function, roots), len(roots))
            print(f"{name:11}{what:13}{text:15}{np.round(roots, 2)!s:43}{worst(function, roots):.4f}")
false = [row for (*_, text), row in seen.items() if text == "False"]
others = [row for (*_, text), row in seen.items() if text != "False"]
control = all(inside and value < 1e-6 and count for inside, value, count in false)
outside = sum(not inside and value > 0.01 for inside, value, _ in others)
print(f"{outside} of {len(others)} have roots that are none")
sys.exit(0 if control and outside >= len(others) // 2 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
