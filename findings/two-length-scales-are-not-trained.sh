#!/usr/bin/env bash
# kernax has no gradient for a Matern kernel with a length scale for each input (ARD): it is NaN, and right with one.
#
# Date: 2026-12-01
#
# Versions: kernax-ml 0.7.6a0, equinox 0.13.8, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.3.5, Python 3.12, CPU.
#
# Behaviour:
#   kernax.ARDKernel wraps a kernel, so that each input has a length scale of its own. A Gaussian process is fitted by
#   the gradient of the marginal likelihood by these scales. The likelihood is smooth in them, for each of the kernels.
#
#   For the Matern kernels of order 1/2, 3/2 and 5/2 the gradient is NaN, for any data. The likelihood is right, and so
#   is a difference of two of them. With one length scale, without ARDKernel, the gradient is right. So it is with ARD
#   for the squared exponential and the rational quadratic kernel. One step of an optimizer makes all parameters NaN.
#
#   The source: `euclidean_distance` in kernax/distances.py is jnp.linalg.norm(x1 - x2), whose derivative at 0 is NaN,
#   and each covariance matrix has the distance 0 on its diagonal. ARDKernel divides the inputs by the length scales
#   before the distance is taken, so the gradient goes through the distance. A single scale divides the distance itself.
#
# Output seen:
#   kernel                  one length scale            two length scales (ARD)
#                           jax.grad   difference       jax.grad   difference
#   SEKernel                  -12.98       -12.98          -5.60        -5.60
#   RationalQuadraticKernel   -10.85       -10.85          -4.58        -4.58
#   Matern12Kernel             -7.18        -7.18            nan        -3.82
#   Matern32Kernel            -11.56       -11.56            nan        -5.78
#   Matern52Kernel            -12.49       -12.49            nan        -5.88
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
packages=('kernax-ml==0.7.6a0' 'equinox==0.13.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.3.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import equinox as eqx
import jax
import jax.numpy as jnp
import kernax
import numpy as np

points = jax.random.uniform(jax.random.key(0), (30, 2), maxval=4.0)
values = jnp.sin(points[:, 0])


def loss(kernel, points):
    """Minus the logarithm of the marginal likelihood, with a noise of 0.1."""
    factor = jnp.linalg.cholesky(kernel(points) + 0.1 * jnp.eye(len(points)))
    solved = jax.scipy.linalg.cho_solve((factor, True), values)
    return values @ solved / 2 + jnp.log(jnp.diag(factor)).sum()


def derivative(kernel, scale_of, points):
    """By the kernel's first length scale: from jax.grad, and from a difference of two losses."""
    gradient = float(jnp.ravel(scale_of(eqx.filter_grad(loss)(kernel, points)))[0])
    sides = []
    for step in (1e-2, -1e-2):
        raw = scale_of(kernel)
        moved = jnp.ravel(raw).at[0].add(step).reshape(raw.shape)
        sides.append(float(loss(eqx.tree_at(scale_of, kernel, moved), points)))
    return gradient, (sides[0] - sides[1]) / 2e-2


seen = {}
print("kernel                  one length scale            two length scales (ARD)")
print("                        jax.grad   difference       jax.grad   difference")
for name in ("SEKernel", "RationalQuadraticKernel", "Matern12Kernel", "Matern32Kernel", "Matern52Kernel"):
    kernel = getattr(kernax, name)(1.0, *([1.0] if name == "RationalQuadraticKernel" else []))
    one = derivative(kernel, lambda k: k._length_scale, points)
    two = derivative(kernax.ARDKernel(kernel, [1.0, 2.0]), lambda k: k._length_scales, points)
    seen[name] = one, two
    print(f"{name:24}{one[0]:8.2f}{one[1]:13.2f}{two[0]:15.2f}{two[1]:13.2f}")
right = all(np.isclose(*pair, rtol=0.05, atol=0.05) for name in list(seen)[:2] for pair in seen[name])
materns = [seen[name] for name in list(seen)[2:]]
right = right and all(np.isclose(*one, rtol=0.05, atol=0.05) for one, _ in materns)
wrong = all(np.isnan(two[0]) and np.isfinite(two[1]) for _, two in materns)
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
