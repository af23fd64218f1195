#!/usr/bin/env bash
# A head with one class is loaded into a model with ten classes, and the loss is 0 from then on.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   nnx.update(model, state) is how a checkpoint gets into a model. The saved head has one output, the model was
#   built with ten. One expects an error, as load_state_dict of PyTorch gives one for other shapes.
#
#   nnx.update checks names, and neither shapes nor dtypes. The model takes the kernel as it is: out_features
#   says 10, and the output has one column. The softmax of one column is 1, so that the cross entropy of label 0
#   is 0, and so is its gradient. In the same way a state of bfloat16 makes a float32 model one of bfloat16.
#
#   nnx.update calls graphlib.update, which calls Variable.update_from_state, which copies the raw value.
#
# Output seen:
#   kernel (4, 1), out_features 10, output (3, 1)
#   loss 0.0, largest gradient 0.0
#   dtype after an update from bfloat16: bfloat16
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

import jax
import jax.numpy as jnp
import optax
from flax import nnx

saved = nnx.state(nnx.Linear(4, 1, rngs=nnx.Rngs(0)))
model = nnx.Linear(4, 10, rngs=nnx.Rngs(1))
nnx.update(model, saved)
x = jnp.arange(12.0).reshape(3, 4)
labels = jnp.array([0, 0, 0])
out = model(x)
print(f"kernel {model.kernel.shape}, out_features {model.out_features}, output {out.shape}")


def loss(model):
    return optax.softmax_cross_entropy_with_integer_labels(model(x), labels).mean()


value, gradient = nnx.value_and_grad(loss)(model)
largest = max(float(jnp.abs(g).max()) for g in jax.tree.leaves(gradient))
print(f"loss {float(value)}, largest gradient {largest}")

small = nnx.Linear(4, 10, rngs=nnx.Rngs(1))
nnx.update(small, jax.tree.map(lambda w: w.astype(jnp.bfloat16), nnx.state(small)))
print("dtype after an update from bfloat16:", small.kernel.dtype)
same = model.kernel.shape == (4, 1) and model.out_features == 10 and out.shape == (3, 1)
sys.exit(0 if same and float(value) == largest == 0.0 and small.kernel.dtype == jnp.bfloat16 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
