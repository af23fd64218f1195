#!/usr/bin/env bash
# After 2**31 labels the accuracy of a perfect model is -1.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   One expects a metric that is meant for long evaluations to hold out for a corpus of two thousand million
#   tokens.
#
#   nnx.metrics.Average (and so Accuracy and Welford) counts in int32 (flax/nnx/training/metrics.py,
#   Average.__init__), and jax integers wrap without a warning. The total is a float32, which does not wrap,
#   so the quotient changes its sign: from 1.0 to -1.0 within one batch. The script counts 2**31 labels in
#   batches of 2**20.
#
# Output seen:
#   one batch before: 1.0
#   after 2**31 labels: -1.0 count: -2147483648 total: 2147483648.0
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

BATCH = 2**20


@nnx.jit
def evaluate(metric, labels):
    metric.update(logits=jax.nn.one_hot(labels, 2), labels=labels)


metric = nnx.metrics.Accuracy()
labels = jnp.zeros(BATCH, jnp.int32)
for step in range(2**31 // BATCH):
    before = float(metric.compute())
    evaluate(metric, labels)
after = float(metric.compute())
print("one batch before:", before)
print("after 2**31 labels:", after, "count:", int(metric.count[...]), "total:", float(metric.total[...]))
sys.exit(0 if (before, after) == (1.0, -1.0) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
