#!/usr/bin/env bash
# opifex's HyperbolicManifold.exp_map goes half of its step at the centre of the disk, and 0.02 of it near the edge.
#
# Date: 2026-11-30
#
# Versions: opifex 0.2.10, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, scipy 1.18.1, tfp-nightly
#   0.26.0.dev20261027, Python 3.12, CPU.
#
# Behaviour:
#   The exponential map goes along a geodesic as far as the tangent vector is long: the distance from the base to
#   exp(base, v) is the length of v in the metric at the base. HyperbolicManifold of opifex has the metric, the distance
#   and the map of the Poincare disk.
#
#   For a step of 0.01 the distance is 0.0100 at the centre, where the metric has 0.0200; at 0.5 it is 0.0075 and not
#   0.0267; at 0.9 it is 0.0019 and not 0.105; and at 0.99 it is below 0.0005 and not 1.0. log_map has the inverse
#   error, so a test of log(exp(v)) passes, but its length is not the distance of the two points. Gradient descent on
#   the manifold takes steps that shrink with the fourth power of the distance to the edge.
#
#   The source: opifex/geometry/manifolds/hyperbolic.py. `exp_map` divides the vector by the conformal factor, where
#   Ganea et al. (2018) multiply it by half of that, and `log_map` multiplies where they divide.
#
# Output seen:
#   base   length of the step   distance gone   by the formula   log(exp(step))   its length
#    0.0               0.0200          0.0100           0.0200           0.0100       0.0200
#    0.5               0.0267          0.0075           0.0267           0.0100       0.0267
#    0.9               0.1053          0.0019           0.1053           0.0100       0.1053
#   0.99               1.0050          0.0000           1.0050           0.0100       1.0050
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
from opifex.geometry.manifolds.hyperbolic import HyperbolicManifold

plane = HyperbolicManifold(-1.0, 2)


def own(base, step):
    """Ganea, Becigneul and Hofmann (2018), in complex numbers."""
    factor = 2 / (1 - abs(base) ** 2)
    move = np.tanh(factor * abs(step) / 2) * step / abs(step)
    return (base + move) / (1 + np.conj(base) * move)


rows = {}
print("base   length of the step   distance gone   by the formula   log(exp(step))   its length")
for place in (0.0, 0.5, 0.9, 0.99):
    base, step = jnp.array([place, 0.0]), jnp.array([0.0, 0.01])
    there = plane.exp_map(base, step)
    metric = plane.metric_tensor(base)
    end = own(complex(place), 0.01j)
    right = float(plane.geodesic_distance(base, jnp.array([end.real, end.imag])))
    back = plane.log_map(base, there)
    length = [float(jnp.sqrt(vector @ metric @ vector)) for vector in (step, back)]
    rows[place] = length[0], float(plane.geodesic_distance(base, there)), right, float(back[1]), length[1]
    a, b, c, d, e = rows[place]
    print(f"{place:4}{a:21.4f}{b:16.4f}{c:17.4f}{d:17.4f}{e:13.4f}")
formula = all(abs(row[2] / row[0] - 1) < 0.02 for row in rows.values())
short = rows[0.0][1] < 0.51 * rows[0.0][0] and rows[0.9][1] < 0.03 * rows[0.9][0]
back = all(abs(rows[place][3] - 0.01) < 1e-3 for place in (0.0, 0.5, 0.9))
sys.exit(0 if formula and short and back else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
