#!/usr/bin/env bash
# With is_causal one query of a decoder attends to the first key alone.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A decoder makes one token at a time: one query, and the keys and values of all tokens so far. The newest
#   token may see all of them. One passes is_causal=True to jax.nn.dot_product_attention or to
#   nnx.dot_product_attention, as in training.
#
#   The output is the first value. The mask is the lower triangle of a (queries, keys) matrix that is aligned
#   at the upper left (jax/_src/nn/functions.py; flax/nnx/nn/attention.py builds jnp.tril(jnp.ones((T, S)))),
#   so query 0 sees key 0, wherever in the sequence it stands. The docstrings name no alignment. With a chunk
#   of two queries after four keys the second sees two of six. local_window_size counts from the upper left,
#   too: a window of two before the newest token is the first key as well. No error and no NaN tells of it: the
#   model repeats what it makes of its first token. nnx.MultiHeadAttention takes the flag off in decode mode for
#   this reason; who writes attention on the functions has to do that or pass a mask.
#
# Output seen:
#   jax: the last query alone, causal, gives the first value: True
#   jax: without the flag it gives what the whole sequence gives: True
#   nnx: the last query alone, causal, gives the first value: True
#   nnx: without the flag it gives what the whole sequence gives: True
#   jax: a window of two before the last query gives the first value: True
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

keys = jax.random.normal(jax.random.key(0), (1, 6, 1, 4))
values = jnp.eye(6)[None, :, None, :]  # so an output is the weights of the keys
queries = jax.random.normal(jax.random.key(1), (1, 6, 1, 4))


def weights(attend, last, **options):
    out = attend(queries[:, -last:], keys, values[..., : values.shape[-1]], **options)
    return out[0, :, 0].round(2)


whole = jax.nn.dot_product_attention(queries, keys, keys, is_causal=True)[0, -1, 0]
as_stated = True
for name, attend in (("jax", jax.nn.dot_product_attention), ("nnx", nnx.dot_product_attention)):
    one = attend(queries[:, -1:], keys, keys, is_causal=True)[0, 0, 0]
    free = attend(queries[:, -1:], keys, keys)[0, 0, 0]
    first = bool(jnp.allclose(one, keys[0, 0, 0], atol=1e-6))
    right = bool(jnp.allclose(free, whole, atol=1e-5))
    print(f"{name}: the last query alone, causal, gives the first value: {first}")
    print(f"{name}: without the flag it gives what the whole sequence gives: {right}")
    as_stated = as_stated and first and right
windowed = jax.nn.dot_product_attention(queries[:, -1:], keys, keys, local_window_size=(2, 0))
first = bool(jnp.allclose(windowed[0, 0, 0], keys[0, 0, 0], atol=1e-6))
print("jax: a window of two before the last query gives the first value:", first)
sys.exit(0 if as_stated and first else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
