#!/usr/bin/env bash
# opifex's Rectangle is at the distance 6 of a point by its corner that is 5 away, and the error grows without bound.
#
# Date: 2026-11-30
#
# Versions: opifex 0.2.10, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, scipy 1.18.1, tfp-nightly
#   0.26.0.dev20261027, Python 3.12, CPU.
#
# Behaviour:
#   The signed distance of a shape is the distance to its boundary. Its slope has the length 1 outside, which ray
#   marching and Eikonal losses rely on. opifex's Rectangle.distance is a "signed distance to rectangle boundary (smooth
#   and differentiable)".
#
#   Beside an edge it is right. By a corner of a square of 2 x 2 the point (4, 5) is at the distance 6.0, where 5 is
#   right, and its slope there has the length 1.34: the distance grows as 2 * hypot(dx, dy) - max(dx, dy). A point on
#   the diagonal at the distance 1.41 has 1.76, and the error grows with the distance, so it is no smoothing. Circle and
#   Polygon are right.
#
#   The source: `Rectangle.distance` in opifex/geometry/csg/primitives.py blends the distances for inside and outside by
#   `tanh(10 * condition)`, which is -1, and not 0, beyond a corner. So it takes 2 times the one minus the other.
#
# Output seen:
#   point           Rectangle   Polygon     right   slope of Rectangle
#   (4.0, 0.0)          3.000     3.000     3.000                1.000
#   (0.0, -3.0)         2.000     2.000     2.000                1.000
#   (4.0, 5.0)          6.000     5.000     5.000                1.342
#   (2.0, 2.0)          1.759     1.414     1.414                1.293
#   (31.0, 41.0)       60.000    50.000    50.000                1.342
#   (0.5, 0.0)         -0.499    -0.500    -0.500                0.993
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
packages=(
  'opifex==0.2.10' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12' 'numpy==2.5.5' 'scipy==1.18.1'
  'tfp-nightly==0.26.0.dev20261027'
)
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
from opifex.geometry.csg.primitives import Polygon, Rectangle

square = Rectangle(jnp.zeros(2), 2.0, 2.0)
polygon = Polygon(jnp.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]))


def right(point):
    gap = np.abs(point) - 1
    return np.hypot(*np.maximum(gap, 0)) + min(max(gap), 0)


rows = {}
print("point           Rectangle   Polygon     right   slope of Rectangle")
for point in ((4.0, 0.0), (0.0, -3.0), (4.0, 5.0), (2.0, 2.0), (31.0, 41.0), (0.5, 0.0)):
    place = jnp.array(point)
    slope = float(jnp.linalg.norm(jax.grad(square.distance)(place)))
    rows[point] = float(square.distance(place)), float(polygon.distance(place)), right(np.array(point)), slope
    a, b, c, d = rows[point]
    print(f"{point!s:14}{a:11.3f}{b:10.3f}{c:10.3f}{d:21.3f}")
edge = all(abs(rows[point][0] - rows[point][2]) < 0.01 for point in ((4.0, 0.0), (0.0, -3.0)))
corner = all(rows[point][0] > 1.15 * rows[point][2] for point in ((4.0, 5.0), (2.0, 2.0), (31.0, 41.0)))
same = all(abs(row[1] - row[2]) < 1e-3 for row in rows.values())
sys.exit(0 if edge and corner and same and rows[4.0, 5.0][3] > 1.2 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
