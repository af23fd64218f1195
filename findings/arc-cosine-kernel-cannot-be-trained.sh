#!/usr/bin/env bash
# The gradient of gpjax's ArcCosine by weight_variance is NaN in float32, the default of jax, and right in float64.
#
# Date: 2026-11-29
#
# Versions: gpjax 0.13.6, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   ArcCosine is the kernel of a wide network with one hidden layer. For two equal points it is (|x| ** 2 + 1) ** order
#   times a constant, so that its derivative by weight_variance exists there, and each covariance matrix has such points
#   on its diagonal. The source adds a jitter "to improve numerical stability".
#
#   In float32 the values are right to six digits and the gradient by weight_variance is NaN, for the orders 1 and 2, so
#   that the first step of a fit makes the parameter NaN. With 64 bits it agrees with central differences. RBF has a
#   gradient in both.
#
#   The source: `__call__` in gpjax/kernels/nonstationary/arccosine.py takes arccos(jitter + (1 - 2 * jitter) *
#   cos_theta) with a jitter of 1e-15, whatever the dtype is. In float32 it changes nothing, the cosine of a point with
#   itself is 1, and the derivative of arccos is infinite there.
#
# Output seen:
#   kernel          dtype     sum of the matrix    gradient    by differences
#   RBF             float32             12.6999     12.6999           12.7000
#   RBF             float64             12.6999     12.6999           12.6999
#   ArcCosine 1     float32             32.5674         nan            8.7587
#   ArcCosine 1     float64             32.5674      8.7589            8.7589
#   ArcCosine 2     float32            180.8700         nan          148.7358
#   ArcCosine 2     float64            180.8700    148.7359          148.7359
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
import jax.numpy as jnp
import numpy as np
from gpjax import kernels


def total(make, points, parameter):
    """The sum of the covariance matrix of the points."""
    kernel = make(parameter)
    return jnp.sum(jax.vmap(lambda x: jax.vmap(lambda y: kernel(x, y))(points))(points))


def row(make, double):
    with jax.enable_x64(double):
        dtype = jnp.float64 if double else jnp.float32
        points = jnp.asarray(np.random.default_rng(0).normal(size=(5, 2)), dtype)
        one = jnp.asarray(1.0, dtype)
        value, slope = jax.value_and_grad(lambda parameter: total(make, points, parameter))(one)
        step = 1e-5 if double else 1e-2
        upper, lower = total(make, points, one + step), total(make, points, one - step)
        return float(value), float(slope), float(upper - lower) / (2 * step)


seen = {}
print("kernel          dtype     sum of the matrix    gradient    by differences")
for name, make in (
    ("RBF", lambda parameter: kernels.RBF(variance=parameter)),
    ("ArcCosine 1", lambda parameter: kernels.ArcCosine(order=1, weight_variance=parameter)),
    ("ArcCosine 2", lambda parameter: kernels.ArcCosine(order=2, weight_variance=parameter)),
):
    for double in (False, True):
        seen[name, double] = row(make, double)
        value, slope, difference = seen[name, double]
        print(f"{name:15} {'float64' if double else 'float32'} {value:19.4f} {slope:11.4f} {difference:17.4f}")
values = all(abs(seen[name, False][0] / seen[name, True][0] - 1) < 1e-4 for name, _ in seen)
nan = all(np.isnan(seen[f"ArcCosine {order}", False][1]) for order in (1, 2))
right = all(abs(slope / difference - 1) < 1e-4 for (_, double), (_, slope, difference) in seen.items() if double)
sys.exit(0 if values and nan and right and np.isfinite(seen["RBF", False][1]) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
