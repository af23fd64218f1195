#!/usr/bin/env bash
# optax.clip_by_global_norm turns a float16 gradient of norm 316 into zero.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   Clipping scales a gradient whose norm is too large down to the norm that is given. A gradient of 1,000
#   entries of 10 has the norm 316, far from the limit of float16, which is 65,504.
#
#   The clipped gradient is 0, and a model in float16 stops training: no NaN, no inf, and a loss that does
#   not move. clip_by_global_norm (optax/transforms/_clipping.py) adds up the squares of each leaf in the
#   dtype of the leaf. Their sum, 100,000, is inf in float16, and the gradient is divided by it. bfloat16
#   has the range of float32. Loss scaling, which float16 needs, makes just such gradients.
#
# Output seen:
#   float32, clipped      norm 316, optax.global_norm 316, the kernel moves: True
#   bfloat16, clipped     norm 316, optax.global_norm 316, the kernel moves: True
#   float16, not clipped  norm 316, optax.global_norm inf, the kernel moves: True
#   float16, clipped      norm 316, optax.global_norm inf, the kernel moves: False
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

x, y = 10 * jnp.ones((1, 1000)), jnp.zeros((1, 1))


def train(dtype, clip):
    init = nnx.initializers.constant(1e-4)
    model = nnx.Linear(1000, 1, kernel_init=init, param_dtype=dtype, rngs=nnx.Rngs(0))
    tx = optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(1e-3)) if clip else optax.sgd(1e-5)
    optimizer = nnx.Optimizer(model, tx, wrt=nnx.Param)

    def loss(model):
        return jnp.abs(model(x.astype(dtype)) - y.astype(dtype)).mean()

    grads = nnx.grad(loss)(model)
    before = model.kernel[...]
    optimizer.update(model, grads)
    norm = jnp.linalg.norm(grads["kernel"][...].astype(jnp.float32))
    moved = bool((before != model.kernel[...]).any())
    return float(norm), float(optax.global_norm(nnx.as_pure(grads))), moved


seen = {}
for text, dtype, clip in (
    ("float32, clipped", jnp.float32, True),
    ("bfloat16, clipped", jnp.bfloat16, True),
    ("float16, not clipped", jnp.float16, False),
    ("float16, clipped", jnp.float16, True),
):
    norm, global_norm, moved = seen[text] = train(dtype, clip)
    print(f"{text:21} norm {norm:.0f}, optax.global_norm {global_norm:.0f}, the kernel moves: {moved}")
sys.exit(0 if [row[2] for row in seen.values()] == [True, True, True, False] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
