#!/usr/bin/env bash
# A spectral norm in eval mode rewrites the kernel of the layer that it wraps.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   nnx.SpectralNorm divides the weights by an estimate of their largest singular value before it calls the
#   layer. In Linen only the collections that are named in mutable can change, and for this layer that is
#   batch_stats. One expects a forward pass, and above all one in eval mode, to leave the parameters as they
#   are.
#
#   SpectralNorm._spectral_normalize_inplace (flax/nnx/nn/normalization.py) stores the quotient in the
#   wrapped Param, and update_stats only decides over u and sigma. An evaluation between two checkpoints
#   changes what is saved. Inside nnx.grad the write comes after the differentiation, so the optimizer adds
#   a gradient at the old kernel to the new one. The script trains with a learning rate of 0, and the kernel
#   moves.
#
# Output seen:
#   largest singular value, before and after a call in eval mode: 16.35 1.00
#   after a training step with learning rate 0:                   1.00
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'optax==0.2.8')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import optax
from flax import nnx


def largest(layer):
    return float(jnp.linalg.svd(layer.layer_instance.kernel[...], compute_uv=False)[0])


def make():
    linear = nnx.Linear(4, 5, rngs=nnx.Rngs(0))
    linear.kernel[...] *= 10
    return nnx.SpectralNorm(linear, n_steps=10, rngs=nnx.Rngs(1))


x = jnp.ones((1, 4))
evaluated = make()
evaluated.eval()
before = largest(evaluated)
evaluated(x)
after = largest(evaluated)
print(f"largest singular value, before and after a call in eval mode: {before:.2f} {after:.2f}")

trained = make()
optimizer = nnx.Optimizer(trained, optax.sgd(0.0), wrt=nnx.Param)
optimizer.update(trained, nnx.grad(lambda m: m(x).sum())(trained))
step = largest(trained)
print(f"after a training step with learning rate 0:                   {step:.2f}")
sys.exit(0 if before > 5 and abs(after - 1) < 0.01 and abs(step - 1) < 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
