#!/usr/bin/env bash
# A mask that broadcasts makes the accuracy greater than 1.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.metrics.Average and Accuracy take a mask "broadcastable to the shape of values", as their docstring
#   says. One expects the mean over the entries that the broadcast mask leaves.
#
#   A mask of shape (batch, 1) over values of shape (batch, time) gives the mean times the length of time.
#   Average.update (flax/nnx/training/metrics.py) multiplies the values by the mask, which broadcasts, but
#   adds mask.sum() to the count, which does not. A model that is always right has an accuracy of 8. A loss
#   is too large by a factor that changes with the length of the batch, and no error tells.
#
# Output seen:
#   accuracy of a perfect model, mask of shape (4, 8): 1.0
#   accuracy of a perfect model, mask of shape (4, 1): 8.0
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1')
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
from flax import nnx

labels = jnp.zeros((4, 8), jnp.int32)
right = jax.nn.one_hot(labels, 3)
rows = jnp.array([True, True, True, False])[:, None]


def accuracy(mask):
    metric = nnx.metrics.Accuracy()
    metric.update(logits=right, labels=labels, mask=mask)
    return float(metric.compute())


full, short = accuracy(jnp.broadcast_to(rows, labels.shape)), accuracy(rows)
print("accuracy of a perfect model, mask of shape (4, 8):", full)
print("accuracy of a perfect model, mask of shape (4, 1):", short)
sys.exit(0 if (full, short) == (1.0, 8.0) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
