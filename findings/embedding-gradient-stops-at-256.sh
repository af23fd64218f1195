#!/usr/bin/env bash
# The gradient of an embedding with dtype=bfloat16 stops growing after 256 occurrences of a token.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   Mixed precision keeps the parameters in float32 and computes in bfloat16. Each layer of NNX does so with
#   dtype=jnp.bfloat16, and the gradient of its parameters is float32. A token that occurs n times in a
#   batch gets the sum of n gradients, so one expects an error of less than 1%.
#
#   A token that occurs 10,000 times gets a fortieth of its gradient. nnx.Embed (flax/nnx/nn/linear.py)
#   casts the table to bfloat16 and then looks the tokens up. The gradient of the look-up adds the
#   occurrences one after another into a table of bfloat16, where 256 + 1 is 256, and is cast to float32 at
#   the very end. The words that occur most, and padding, train most slowly, and the larger the batch the
#   more so. float16 stops at 2,048. The kernel of a Linear on the same batch is right. A look-up in float32
#   and a cast of its result is right as well.
#
# Output seen:
#   occurrences of the token:                    100    1,000   10,000  100,000
#   gradient, Embed, float32                    100    1,000   10,000  100,000
#   gradient, Embed, bfloat16                   100      256      256      256
#   gradient, Embed, float16                    100    1,000    2,048    2,048
#   gradient, Linear of one-hot, bfloat16       100    1,000    9,984   99,840
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

import jax.numpy as jnp
from flax import nnx


def embedding(dtype):
    return nnx.Embed(4, 2, dtype=dtype, rngs=nnx.Rngs(0))


def linear(dtype):
    return nnx.Linear(4, 2, use_bias=False, dtype=dtype, rngs=nnx.Rngs(0))


@nnx.jit
def gradient(layer, x):
    """Of the sum of all outputs: the number of occurrences of token 0."""
    grads = nnx.grad(lambda layer: layer(x).astype(jnp.float32).sum())(layer)
    weights = grads["embedding" if "embedding" in grads else "kernel"]
    assert weights.dtype == jnp.float32
    return weights[0, 0]


counts = (100, 1_000, 10_000, 100_000)
seen = {}
print(f"occurrences of the token:{'':14}", *(f"{n:8,}" for n in counts))
for text, make, dtype in (
    ("Embed, float32", embedding, jnp.float32),
    ("Embed, bfloat16", embedding, jnp.bfloat16),
    ("Embed, float16", embedding, jnp.float16),
    ("Linear of one-hot, bfloat16", linear, jnp.bfloat16),
):
    seen[text] = []
    for n in counts:
        tokens = jnp.zeros(n, jnp.int32)
        x = tokens if make is embedding else nnx.one_hot(tokens, 4)
        seen[text].append(float(gradient(make(dtype), x)))
    print(f"gradient, {text:28}", *(f"{g:8,.0f}" for g in seen[text]))
wide, narrow, half, dense = seen.values()
ok = wide == list(counts) and narrow == [100, 256, 256, 256] and half[2:] == [2048, 2048]
sys.exit(0 if ok and abs(dense[2] / 10_000 - 1) < 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
