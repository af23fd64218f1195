#!/usr/bin/env bash
# The "outward normal" of opifex's Polygon points inside, where that of its Rectangle of the same shape points outside.
#
# Date: 2026-11-30
#
# Versions: opifex 0.2.10, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, scipy 1.18.1, tfp-nightly
#   0.26.0.dev20261027, Python 3.12, CPU.
#
# Behaviour:
#   compute_normal of a shape of opifex gives the "outward normal at boundary point", by the docstring of each. A flux
#   through a boundary and a Neumann condition change their sign with it.
#
#   For a square as a Polygon with its corners in the usual order, against the clock, all normals point inside; as a
#   Rectangle they point outside. The integral of position times normal, which is twice the area, is -2 for the polygon
#   and 2 for the rectangle. With the corners clockwise the polygon is right, and its distance, which is negative
#   inside, is the same for both orders; the slope of the distance is the outward normal.
#
#   The source: `Polygon.compute_normal` in opifex/geometry/csg/primitives.py turns the edge by 90 degrees to the left,
#   (-dy, dx), whatever the order of the corners.
#
# Output seen:
#   shape                        normals: bottom       right         top        left   integral of x . n
#   Rectangle                           (0, -1)      (1, 0)      (0, 1)     (-1, 0)                 2.0
#   Polygon, against the clock          (-0, 1)     (-1, 0)    (-0, -1)      (1, 0)                -2.0
#   Polygon, clockwise                 (-0, -1)      (1, 0)     (-0, 1)     (-1, 0)                 2.0
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

import jax.numpy as jnp
import numpy as np
from opifex.geometry.csg.primitives import Polygon, Rectangle

corners = jnp.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
SHAPES = {
    "Rectangle": Rectangle(jnp.array([0.5, 0.5]), 1.0, 1.0),
    "Polygon, against the clock": Polygon(corners),
    "Polygon, clockwise": Polygon(corners[::-1]),
}
middles = {"bottom": (0.5, 0.0), "right": (1.0, 0.5), "top": (0.5, 1.0), "left": (0.0, 0.5)}
seen = {}
print("shape                        normals: bottom       right         top        left   integral of x . n")
for name, shape in SHAPES.items():
    normals = {side: np.asarray(shape.compute_normal(jnp.array(place)), float) for side, place in middles.items()}
    total = sum(np.dot(middles[side], normal) for side, normal in normals.items())
    outside = [float(shape.distance(jnp.array(middles[side]) + 0.1 * normals[side])) > 0 for side in middles]
    seen[name] = total, outside
    texts = "".join(f"{f'({x:.0f}, {y:.0f})':>12}" for x, y in normals.values())
    print(f"{name:31}{texts}{total:20.1f}")
right = seen["Rectangle"][0] == 2 and all(seen["Rectangle"][1]) and seen["Polygon, clockwise"][0] == 2
wrong = seen["Polygon, against the clock"][0] == -2 and not any(seen["Polygon, against the clock"][1])
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
