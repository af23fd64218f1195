#!/usr/bin/env bash
# attnax in bfloat16 puts neighbouring tokens at one position: beyond 256 their order no longer matters.
#
# Date: 2026-12-01
#
# Versions: attnax 0.2.0, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.3.5, Python 3.12, CPU.
#
# Behaviour:
#   Rotary embeddings turn each query and key by an angle for its position, so that attention knows the order of tokens.
#   attnax.MultiHeadAttention(use_rope=True) makes a table of the cosines and sines of these angles. In bfloat16, the
#   usual type for training, one expects them to be right to two digits.
#
#   Of 2,047 positions 1,407 have the very angles of the position before, and cosines are wrong by up to 2. A token that
#   sees two others at 500 and 501 gives the same output if those change places. In float32 the output changes by 0.175.
#   At 100 and 101 the order counts in both types. No error or warning tells.
#
#   The source: `rope_cos_sin_table` in attnax/embeddings.py makes the positions by jnp.arange in the type of the
#   result. bfloat16 has 8 bits, so it has no odd number above 256 and only each eighth one above 1,024. The angles are
#   rounded too before their cosines are taken. `MultiHeadAttention.__call__` asks for the type of the queries.
#   RotaryEmbedding of the same file makes its table in float32 by default, and casts what it has looked up.
#
# Output seen:
#   type       positions with the   largest error   change if two tokens are swapped, at
#              angles of the last   of a cosine        100        500       1,000      1,500
#   float32                   0           0.00007        0.080      0.175      0.042      0.098
#   bfloat16               1407           1.99891        0.078      0.000      0.000      0.000
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
packages=('attnax==0.2.0' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.3.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import attnax
import jax
import jax.numpy as jnp
import numpy as np
from attnax.embeddings import rope_cos_sin_from_positions
from flax import nnx

LENGTH, HEAD = 2048, 64
right = np.cos(np.outer(np.arange(LENGTH), 10000.0 ** (-np.arange(HEAD // 2) / (HEAD // 2))))
tokens = jax.random.normal(jax.random.key(0), (1, 3, HEAD))
swapped = tokens[:, jnp.array([1, 0, 2])]


def change_by_a_swap(dtype, place):
    """What the third token sees, at the end, of two tokens at place and place + 1 if they change places."""
    layer = attnax.MultiHeadAttention(
        nnx.Rngs(0), in_features=HEAD, num_heads=1, use_rope=True, rope_max_positions=LENGTH
    )
    positions = jnp.array([[place, place + 1, LENGTH - 1]])
    layer = jax.tree.map(lambda x: x.astype(dtype) if jnp.issubdtype(x.dtype, jnp.floating) else x, layer)
    outputs = [
        layer(x.astype(dtype), deterministic=True, position_ids_q=positions, position_ids_kv=positions)[0, 2]
        for x in (tokens, swapped)
    ]
    return float(jnp.abs(outputs[0].astype(float) - outputs[1].astype(float)).max())


seen = {}
print("type       positions with the   largest error   change if two tokens are swapped, at")
print("           angles of the last   of a cosine        100        500       1,000      1,500")
for dtype in (jnp.float32, jnp.bfloat16):
    cos, sin = rope_cos_sin_from_positions(jnp.arange(LENGTH)[None], HEAD, 10000.0, LENGTH, dtype)
    table = np.concatenate([np.asarray(cos[0], np.float32), np.asarray(sin[0], np.float32)], axis=1)
    equal = int((np.diff(table, axis=0) == 0).all(1).sum())
    error = float(np.abs(table[:, : HEAD // 2] - right).max())
    changes = [change_by_a_swap(dtype, place) for place in (100, 500, 1000, 1500)]
    seen[dtype] = equal, error, changes
    print(f"{dtype.__name__:10}{equal:17}{error:18.5f}  " + "".join(f"{change:11.3f}" for change in changes))
single, half = seen[jnp.float32], seen[jnp.bfloat16]
fine = single[0] == 0 and single[1] < 1e-3 and min(single[2]) > 0.02 and half[2][0] > 0.02
wrong = half[0] > 1000 and half[1] > 1.5 and max(half[2][1:]) < 0.004
sys.exit(0 if fine and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
