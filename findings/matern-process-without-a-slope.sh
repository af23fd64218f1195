#!/usr/bin/env bash
# gpjax gives the slope of a Matern process the variance 0, where 5/3 is right, and its change a variance below 0.
#
# Date: 2026-11-29
#
# Versions: gpjax 0.13.6, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The slope of a Gaussian process is one too, and its covariance is the mixed second derivative of the kernel. It
#   serves to predict a slope or to learn from measured ones. For a Matern kernel of order 5/2 and a length of 1 the
#   variance of the slope is 5/3, for order 3/2 it is 3, and for RBF it is 1. jax.grad of the kernel gives the
#   covariance for any two points.
#
#   At two equal points it is 0 for Matern32, Matern52 and a PoweredExponential of power 2, and right 1e-6 beside them.
#   So each diagonal element of a covariance matrix of slopes is 0, its determinant may be below 0, and the difference
#   of the slopes at 0 and 0.001 has a variance of -3.3. RBF, RationalQuadratic and Periodic are right. The values and
#   first derivatives of all kernels are right, so that a fit shows nothing.
#
#   The source: `euclidean_distance` in gpjax/kernels/stationary/utils.py is the root of maximum(d ** 2, 1e-36), which
#   is a constant for equal points, so that all its derivatives are 0. An issue of its repository that names the line
#   was closed in 2025.
#
# Output seen:
#   covariance of slopes at a gap of           0    0.000001    0.001      0.1    right at 0    change's variance
#   RBF                                   1.0000      1.0000   1.0000   0.9851        1.0000               0.0000
#   RationalQuadratic                     1.0000      1.0000   1.0000   0.9704        1.0000               0.0000
#   PoweredExponential(power=2)          -0.0000      2.0000   2.0000   1.9405        2.0000              -4.0000
#   Matern32                             -0.0000      3.0000   2.9896   2.0859        3.0000              -5.9792
#   Matern52                             -0.0000      1.6667   1.6667   1.5641        1.6667              -3.3333
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
packages=('gpjax==0.13.6' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

warnings.filterwarnings("ignore")

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import numpy as np
from gpjax import kernels

GAPS = (0.0, 1e-6, 1e-3, 0.1)


def slopes(kernel, gap):
    """The covariance of the slopes at 0 and at the gap."""
    both = jax.grad(jax.grad(lambda x, y: kernel(x[None], y[None]), 0), 1)
    return float(both(jnp.asarray(0.0), jnp.asarray(gap)))


seen = {}
print("covariance of slopes at a gap of           0    0.000001    0.001      0.1    right at 0    change's variance")
for name, kernel, right in (
    ("RBF", kernels.RBF(), 1.0),
    ("RationalQuadratic", kernels.RationalQuadratic(), 1.0),
    ("PoweredExponential(power=2)", kernels.PoweredExponential(power=2.0), 2.0),
    ("Matern32", kernels.Matern32(), 3.0),
    ("Matern52", kernels.Matern52(), 5 / 3),
):
    row = [slopes(kernel, gap) for gap in GAPS]
    change = 2 * row[0] - 2 * row[2]
    seen[name] = row, right, change
    print(f"{name:28} {row[0]:15.4f} {row[1]:11.4f} {row[2]:8.4f} {row[3]:8.4f} {right:13.4f} {change:20.4f}")
beside = all(abs(row[1] / right - 1) < 1e-4 for row, right, _ in seen.values())
smooth = all(abs(seen[name][0][0] - 1) < 1e-6 and seen[name][2] >= 0 for name in ("RBF", "RationalQuadratic"))
rough = [seen[name] for name in ("PoweredExponential(power=2)", "Matern32", "Matern52")]
zero = all(row[0] == 0 and change < -3 for row, _, change in rough)
sys.exit(0 if beside and smooth and zero else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
