#!/usr/bin/env bash
# coreax's PeriodicKernel with an output_scale other than 1 makes a Stein kernel of mean -1.8, where 0 is its purpose.
#
# Date: 2026-11-30
#
# Versions: coreax 1.0.0, equinox 0.13.8, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A kernel of coreax has an output_scale, which is a factor in front of it, and so in front of its derivatives. The
#   Stein kernel of a distribution is made of them, and its mean over the distribution is 0, whatever the kernel. The
#   docstring of SteinKernel calls this the key property. Stein thinning and the Stein discrepancy rest on it.
#
#   With PeriodicKernel the divergence of the gradient is wrong if output_scale is not 1. At 0.3 and 0.7 it is -2.74 for
#   an output_scale of 2, where 0.74 is right. The mean of the Stein kernel of a normal distribution is -1.83 then, and
#   -82 for 10. LocallyPeriodicKernel has the same error. The kernel itself and its gradients are right, and so is 2 *
#   PeriodicKernel(), which is the same kernel. Nothing warns, and the default, 1, is right.
#
#   The source: `PeriodicKernel.divergence_x_grad_y_elementwise` in coreax/kernels/scalar_valued.py has output_scale in
#   a factor of all terms, and once more in the last term.
#
# Output seen:
#   output_scale   divergence at 0.3, 0.7      mean of the Stein kernel, 0 is right
#                  coreax    by jax.grad     output_scale=s       s * kernel
#        0.1        0.193        0.037          0.083 +- 0.000     0.000 +- 0.000
#        0.5        0.619        0.184          0.230 +- 0.002     0.001 +- 0.002
#        1.0        0.368        0.368          0.002 +- 0.005     0.002 +- 0.005
#        2.0       -2.744        0.736         -1.829 +- 0.011     0.004 +- 0.010
#       10.0     -152.925        3.682        -82.466 +- 0.166     0.021 +- 0.049
#   LocallyPeriodicKernel(periodic_output_scale=2)   -3.070, and by jax.grad 0.143
#   SquaredExponentialKernel(output_scale=2)          1.551, and by jax.grad 1.551
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
packages=('coreax==1.0.0' 'equinox==0.13.8' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from coreax.kernels import LocallyPeriodicKernel, PeriodicKernel, SquaredExponentialKernel, SteinKernel

jax.config.update("jax_enable_x64", True)


def divergence(kernel, x, y):
    """The divergence of the gradient of a kernel, by automatic differentiation."""
    return jnp.trace(jax.jacfwd(jax.grad(kernel.compute_elementwise, 1), 0)(x, y))


def stein(kernel):
    """The mean of the Stein kernel over the standard normal distribution, and its standard error."""
    values = np.asarray(jax.vmap(SteinKernel(kernel, lambda point: -point).compute_elementwise)(*draws))
    return values.mean(), values.std() / len(values) ** 0.5


draws = np.random.default_rng(0).normal(size=(2, 200_000, 1))
x, y = jnp.array([0.3]), jnp.array([0.7])
seen = {}
print("output_scale   divergence at 0.3, 0.7      mean of the Stein kernel, 0 is right")
print("               coreax    by jax.grad     output_scale=s       s * kernel")
for scale in (0.1, 0.5, 1.0, 2.0, 10.0):
    kernel, product = PeriodicKernel(output_scale=scale, periodicity=3.0), scale * PeriodicKernel(periodicity=3.0)
    pair = float(kernel.divergence_x_grad_y_elementwise(x, y)), float(divergence(kernel, x, y))
    seen[scale] = row = (*pair, *stein(kernel), *stein(product))
    print(f"{scale:8.1f}{row[0]:13.3f}{row[1]:13.3f}", end="")
    print(f"{row[2]:15.3f} +- {row[3]:.3f}{row[4]:10.3f} +- {row[5]:.3f}")
others = {
    "LocallyPeriodicKernel(periodic_output_scale=2)": LocallyPeriodicKernel(periodicity=3.0, periodic_output_scale=2.0),
    "SquaredExponentialKernel(output_scale=2)": SquaredExponentialKernel(output_scale=2.0),
}
pairs = {}
for name, kernel in others.items():
    pairs[name] = float(kernel.divergence_x_grad_y_elementwise(x, y)), float(divergence(kernel, x, y))
    print(f"{name:48}{pairs[name][0]:7.3f}, and by jax.grad {pairs[name][1]:.3f}")
right = np.isclose(*seen[1.0][:2]) and abs(seen[1.0][2]) < 4 * seen[1.0][3] and np.isclose(*list(pairs.values())[1])
right &= all(abs(row[4]) < 4 * row[5] for row in seen.values())
wrong = all(abs(row[0] - row[1]) > 0.03 * scale for scale, row in seen.items() if scale != 1)
wrong &= all(abs(seen[scale][2]) > 10 * seen[scale][3] for scale in (0.1, 0.5, 2.0, 10.0))
wrong &= not np.isclose(*list(pairs.values())[0], atol=0.1)
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
