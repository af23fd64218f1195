#!/usr/bin/env bash
# One batch that is all padding makes the running statistics of BatchNorm NaN for ever.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.BatchNorm takes a mask of the positions that count. A data pipeline that fills up its last batch, or
#   one device of many, yields a batch of which nothing counts. One expects the running mean to stay, or an
#   output that is NaN in this batch alone.
#
#   The mean over no element is NaN (_compute_stats in flax/nnx/nn/normalization.py), and it enters the
#   running mean and variance. No later batch takes it out, since NaN times the momentum is NaN. Training
#   goes on without a sign, as it normalises by the statistics of the batch; the evaluation is NaN.
#
# Output seen:
#   after a batch:            finite
#   1000 batches after an empty one: [nan nan] [nan nan]
#   output in train mode finite: True
#   output in eval mode finite:  False
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

norm = nnx.BatchNorm(2, momentum=0.9, rngs=nnx.Rngs(0))
x = jax.random.normal(jax.random.key(0), (4, 2))
norm(x, mask=jnp.ones((4, 1), bool))
print("after a batch:           ", "finite" if jnp.isfinite(norm.mean[...]).all() else norm.mean[...])
norm(x, mask=jnp.zeros((4, 1), bool))
for _ in range(1000):
    trained = norm(x, mask=jnp.ones((4, 1), bool))
print("1000 batches after an empty one:", norm.mean[...], norm.var[...])
print("output in train mode finite:", bool(jnp.isfinite(trained).all()))
norm.eval()
evaluated = norm(x)
print("output in eval mode finite: ", bool(jnp.isfinite(evaluated).all()))
sys.exit(0 if jnp.isfinite(trained).all() and jnp.isnan(evaluated).all() else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
