#!/usr/bin/env bash
# A global nnx.avg_pool of ones is 0.33 in bfloat16.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.avg_pool over the whole of a feature map is the global average that stands before the head of a
#   vision model. The average of ones is 1, which each dtype holds, and x.mean(axis=(1, 2)) gives it.
#
#   avg_pool gives 0.33 for ones and for uniform numbers alike, from a map of 28 by 28 on. nnx.pool
#   (flax/linen/pooling.py) adds up the window by lax.reduce_window in the dtype of the input and divides by
#   its size. The sum stops where a summand is less than half of the last digit. jnp.mean adds in float32,
#   and float16 is right here. Maps of 14 by 14 are right, so a model that is evaluated on larger images
#   than it was trained on gets other features. Nothing raises.
#
# Output seen:
#   ones     7 by  7: avg_pool float32 1.00, float16 1.00, bfloat16 1.00; mean bfloat16 1.00
#   ones    14 by 14: avg_pool float32 1.00, float16 1.00, bfloat16 1.00; mean bfloat16 1.00
#   ones    28 by 28: avg_pool float32 1.00, float16 1.00, bfloat16 0.33; mean bfloat16 1.00
#   ones    56 by 56: avg_pool float32 1.00, float16 1.00, bfloat16 0.33; mean bfloat16 1.00
#   uniform  7 by  7: avg_pool float32 0.52, float16 0.52, bfloat16 0.52; mean bfloat16 0.52
#   uniform 14 by 14: avg_pool float32 0.50, float16 0.50, bfloat16 0.50; mean bfloat16 0.50
#   uniform 28 by 28: avg_pool float32 0.51, float16 0.50, bfloat16 0.33; mean bfloat16 0.50
#   uniform 56 by 56: avg_pool float32 0.50, float16 0.50, bfloat16 0.33; mean bfloat16 0.50
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

seen = {}
for text, make in (
    ("ones", lambda size: jnp.ones((1, size, size, 1))),
    ("uniform", lambda size: jax.random.uniform(jax.random.key(0), (1, size, size, 1))),
):
    for size in (7, 14, 28, 56):
        row = []
        for dtype in (jnp.float32, jnp.float16, jnp.bfloat16):
            x = make(size).astype(dtype)
            row.append(float(nnx.avg_pool(x, (size, size))[0, 0, 0, 0]))
        row.append(float(x.mean(axis=(1, 2))[0, 0]))
        seen[text, size] = row
        print(
            f"{text:7} {size:2} by {size:2}: avg_pool float32 {row[0]:.2f}, float16 {row[1]:.2f}, "
            f"bfloat16 {row[2]:.2f}; mean bfloat16 {row[3]:.2f}"
        )
right = all(abs(row[i] - row[0]) < 0.02 for row in seen.values() for i in (1, 3))
wrong = all(seen[text, 56][2] < 0.7 * seen[text, 56][0] for text in ("ones", "uniform"))
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
