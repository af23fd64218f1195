#!/usr/bin/env bash
# optax.lamb, lars and adaptive_grad_clip train layers that are stacked for nnx.scan as one layer.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   nnx.vmap stacks the layers of a model for nnx.scan: one kernel of shape (layers, in, out) in place of
#   many. It is the same model, so one expects the same training. Adam gives that.
#
#   lamb, lars and adafactor scale the step of each layer by the norm of its weights, and they take an array
#   for a layer (optax/_src/transform.py, scale_by_trust_ratio). In a stack one norm serves all.
#   adaptive_grad_clip takes the norms over the first axis of an array with three axes
#   (optax/transforms/_clipping.py, unitwise_norm), which is here the axis of the layers, so a unit is
#   compared with the same unit of other layers. In the script the first of six layers has weights 100 times
#   as large, and the steps of the other five grow by a factor of 40. Nothing tells of it.
#
# Output seen:
#   adam               step in the stack / step alone:   1.00   1.00   1.00   1.00   1.00   1.00
#   lamb               step in the stack / step alone:   0.41  40.33  40.23  40.74  40.15  40.57
#   lars               step in the stack / step alone:   0.42  39.63  40.69  40.73  40.53  39.65
#   adafactor          step in the stack / step alone:   0.41  40.27  40.27  40.74  40.14  40.55
#   adaptive_grad_clip step in the stack / step alone:   0.42  39.65  41.18  41.10  40.11  38.33
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

layers = 6


@nnx.split_rngs(splits=layers)
@nnx.vmap
def stack(rngs):
    return nnx.Linear(32, 32, use_bias=False, rngs=rngs)


model = stack(nnx.Rngs(0))
kernels = model.kernel[...].at[0].multiply(100.0)
grads = 1e-2 * jax.random.normal(jax.random.key(1), kernels.shape)


def step(tx, grads, params):
    return tx.update(grads, tx.init(params), params)[0]


seen = {}
for text, tx in (
    ("adam", optax.adam(1e-2)),
    ("lamb", optax.lamb(1e-2)),
    ("lars", optax.lars(1e-2)),
    ("adafactor", optax.adafactor(1e-2, min_dim_size_to_factor=8)),
    ("adaptive_grad_clip", optax.adaptive_grad_clip(1e-4)),
):
    stacked = step(tx, grads, kernels)
    alone = [step(tx, grads[i], kernels[i]) for i in range(layers)]
    seen[text] = [float(jnp.linalg.norm(a) / jnp.linalg.norm(b)) for a, b in zip(stacked, alone)]
    print(f"{text:18} step in the stack / step alone:", *(f"{ratio:6.2f}" for ratio in seen[text]))
adam, *others = seen.values()
ok = all(abs(ratio - 1) < 1e-3 for ratio in adam) and all(min(row[1:]) > 10 for row in others)
sys.exit(0 if ok else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
