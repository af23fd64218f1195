#!/usr/bin/env bash
# nnx.Optimizer passes by the set_value of a Variable.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   A Variable type can overload set_value, for instance to keep a parameter within bounds. Flax warns who
#   uses the older on_set_value hook: "Create your own Variable type and overload `get_value` and
#   `set_value` instead." Every assignment that the user writes goes through it.
#
#   nnx.Optimizer.update does not, and neither does nnx.update. Both end in Variable.update_from_state
#   (flax/nnx/variablelib.py), which writes the raw value. So the constraint holds in a unit test that
#   assigns, and is gone at the first step of training.
#
# Output seen:
#   set_value(5): 2.0
#   w[...] = 7:   2.0
#   after one step of gradient descent: 102.0
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


class Bounded(nnx.Param):
    def set_value(self, value, **options):
        super().set_value(jnp.clip(value, 0.0, 2.0), **options)


class Model(nnx.Module):
    def __init__(self):
        self.w = Bounded(jnp.array(1.0))


model = Model()
model.w.set_value(jnp.array(5.0))
print("set_value(5):", model.w[...])
model.w[...] = 7.0
print("w[...] = 7:  ", model.w[...])
assigned = float(model.w[...])

optimizer = nnx.Optimizer(model, optax.sgd(1.0), wrt=nnx.Param)
optimizer.update(model, nnx.grad(lambda m: -100 * m.w[...])(model))
trained = float(model.w[...])
print("after one step of gradient descent:", trained)
sys.exit(0 if (assigned, trained) == (2.0, 102.0) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
