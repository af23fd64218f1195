#!/usr/bin/env bash
# interpax gives a spline of a constant 1 from 0 to 8 the integral 2, if the curves are in rows (axis=1).
#
# Date: 2026-11-30
#
# Versions: interpax 0.3.16, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   A spline of interpax takes the axis of the points, as that of scipy does: a table of curves may have a curve in each
#   row, with axis=1, or in each column, with axis=0. The values and the derivatives are right both ways. One expects
#   that the integrals of the rows are those of the same curves in columns.
#
#   With axis=1 or axis=-1 the antiderivative jumps at each knot but the first, so it is no antiderivative, and what
#   integrate makes of it mixes each row with the rows above it. The constants 1, 2 and 3 get 2, 5 and 9, where 8, 16
#   and 24 are right. A row alone is wrong too. The shape is right, and no error tells.
#
#   The source: `antiderivative` in interpax/_ppoly.py makes the pieces meet by a running sum along `self.axis`. That is
#   the axis of the data as they were given; the coefficients have the pieces first, whatever the axis was. So the sum
#   runs over the curves.
#
# Output seen:
#   library   spline                of         integral, axis=1  with axis=0       right             jump at x = 4
#   interpax  CubicSpline           constants  [2. 5. 9.]        [ 8. 16. 24.]     [ 8. 16. 24.]     [-1. -2. -3.]
#   interpax  CubicSpline           curves     [1.5 2.1 1.5]     [ 2.4 -4.9  2.3]  [ 2.4 -4.9  2.3]  [-0.5  0.5 -1.6]
#   interpax  PchipInterpolator     curves     [1.2 1.6 1.3]     [ 2.3 -5.   2.5]  [ 2.3 -5.   2.5]  [-0.4  0.5 -1.4]
#   interpax  Akima1DInterpolator   curves     [1.4 1.7 1.3]     [ 2.4 -5.   2.5]  [ 2.4 -5.   2.5]  [-0.4  0.4 -1.5]
#   scipy     CubicSpline           constants  [ 8. 16. 24.]     [ 8. 16. 24.]     [ 8. 16. 24.]     [0. 0. 0.]
#   scipy     CubicSpline           curves     [ 2.4 -4.9  2.3]  [ 2.4 -4.9  2.3]  [ 2.4 -4.9  2.3]  [-0. -0. -0.]
#   scipy     PchipInterpolator     curves     [ 2.3 -5.   2.5]  [ 2.3 -5.   2.5]  [ 2.3 -5.   2.5]  [-0. -0. -0.]
#   scipy     Akima1DInterpolator   curves     [ 2.4 -5.   2.5]  [ 2.4 -5.   2.5]  [ 2.4 -5.   2.5]  [-0. -0. -0.]
#   the first row alone, axis=1: [1.468]
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
packages=('interpax==0.3.16' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import interpax
import jax
import jax.numpy as jnp
import numpy as np
import scipy.integrate
import scipy.interpolate

jax.config.update("jax_enable_x64", True)
KINDS = ("CubicSpline", "PchipInterpolator", "Akima1DInterpolator")
x = np.arange(9.0)
constants = np.array([1.0, 2.0, 3.0])[:, None] * np.ones(9)
curves = np.random.default_rng(0).normal(size=(3, 9))
fine = np.linspace(1.0, 7.0, 6001)
seen = {}


def show(library, kind, name, rows, low, high):
    make = getattr(library, kind)
    by_row, by_column = make(x, rows, axis=1), make(x, rows.T)
    grid = np.linspace(low, high, 6001)
    right = scipy.integrate.simpson(np.asarray(by_row(grid)), x=grid, axis=1)
    found = [np.asarray(spline.integrate(low, high)) for spline in (by_row, by_column)]
    near = 1e-9
    jump = by_row.antiderivative()(4 + near) - by_row.antiderivative()(4 - near)
    row = [*found, right, np.asarray(jump)]
    print(f"{library.__name__.split('.')[0]:10}{kind:22}{name:11}" + "".join(f"{np.round(a, 1)!s:18}" for a in row))
    seen[library.__name__, kind, name] = [np.allclose(a, right, atol=1e-6) for a in found] + [np.abs(jump).max() < 1e-6]


print("library   spline                of         integral, axis=1  with axis=0       right             jump at x = 4")
for library in (interpax, scipy.interpolate):
    show(library, "CubicSpline", "constants", constants, 0.0, 8.0)
    for kind in KINDS:
        show(library, kind, "curves", curves, 1.0, 7.0)
alone = interpax.CubicSpline(x, curves[:1], axis=1).integrate(1.0, 7.0)
print("the first row alone, axis=1:", np.round(np.asarray(alone), 3))
wrong = all(row == [False, True, False] for (name, *_), row in seen.items() if name == "interpax")
right = all(all(row) for (name, *_), row in seen.items() if name != "interpax")
sys.exit(0 if wrong and right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
