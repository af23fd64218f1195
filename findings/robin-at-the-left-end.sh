#!/usr/bin/env bash
# opifex's Robin boundary condition holds at the left end only if alpha = beta, and for no spacing of the grid but 1.
#
# Date: 2026-11-30
#
# Versions: opifex 0.2.10, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, scipy 1.18.1, tfp-nightly
#   0.26.0.dev20261027, Python 3.12, CPU.
#
# Behaviour:
#   A Robin condition is alpha u + beta du/dn = gamma at both ends, with the outward derivative, by the docstring of
#   apply_robin in opifex; with alpha = 0 it is the Neumann condition, whose docstring has the outward derivative at
#   each end too.
#
#   For alpha = 2, beta = 1, gamma = 1 and a spacing of 1 the left end has a residual of 0.36, and for alpha = 1, beta =
#   2 one of -2.36, where the right end has 0. At the left end the derivative is that along the axis, not outward, so a
#   body that loses heat on both sides gains it on the left. There is no argument for the spacing, which apply_neumann
#   has: on a grid of 11 points on the unit interval the right end is off by 4.3 as well, and the Neumann condition,
#   alpha = 0, by 9.
#
#   The source: `apply_robin` in opifex/core/physics/boundaries.py divides by `alpha - beta` on the left, where `alpha +
#   beta` is right, and has a case of its own for `alpha - beta` near 0, which is right.
#
# Output seen:
#   alpha  beta   spacing   residual at the left   at the right
#     1.0   1.0       1.0                 -0.000          0.000
#     1.0   1.0       0.1                  2.655         -0.945
#     2.0   1.0       1.0                  0.360          0.000
#     2.0   1.0       0.1                  1.980         -4.260
#     1.0   2.0       1.0                 -2.360         -0.000
#     1.0   2.0       0.1                -12.980         -1.260
#     0.0   1.0       1.0                 -0.000          0.000
#     0.0   1.0       0.1                  9.000          9.000
#     1.0   0.0       1.0                  0.000          0.000
#     1.0   0.0       0.1                  0.000          0.000
#   apply_neumann with a spacing of 0.1: -0.000, 0.000
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
from opifex.core.physics.boundaries import apply_neumann, apply_robin


def residuals(u, alpha, beta, gamma, dx):
    """alpha u + beta du/dn - gamma at both ends, one-sided and outward."""
    left = alpha * u[0] + beta * (u[0] - u[1]) / dx - gamma
    right = alpha * u[-1] + beta * (u[-1] - u[-2]) / dx - gamma
    return float(left), float(right)


start = jnp.linspace(0, 1, 11) ** 2 + 0.4
rows = {}
print("alpha  beta   spacing   residual at the left   at the right")
for alpha, beta in ((1.0, 1.0), (2.0, 1.0), (1.0, 2.0), (0.0, 1.0), (1.0, 0.0)):
    for dx in (1.0, 0.1):
        u = np.asarray(apply_robin(start, alpha=alpha, beta=beta, gamma=1.0), float)
        rows[alpha, beta, dx] = residuals(u, alpha, beta, 1.0, dx)
        print(f"{alpha:5}{beta:6}{dx:10}{rows[alpha, beta, dx][0]:23.3f}{rows[alpha, beta, dx][1]:15.3f}")
neumann = residuals(np.asarray(apply_neumann(start, normal_derivative=1.0, dx=0.1), float), 0.0, 1.0, 1.0, 0.1)
print(f"apply_neumann with a spacing of 0.1: {neumann[0]:.3f}, {neumann[1]:.3f}")
mixed = [rows[alpha, beta, 1.0] for alpha, beta in ((2.0, 1.0), (1.0, 2.0))]
ends = all(abs(row[0]) > 0.3 and abs(row[1]) < 1e-5 for row in mixed)
limits = all(max(map(abs, rows[alpha, beta, 1.0])) < 1e-5 for alpha, beta in ((0.0, 1.0), (1.0, 0.0)))
fine = max(map(abs, neumann)) < 1e-5 and abs(rows[1.0, 1.0, 0.1][1]) > 0.5
sys.exit(0 if ends and limits and fine else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
