#!/usr/bin/env bash
# A decoder that runs past its cache goes on without an error.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   init_cache fixes the length of the cache of nnx.MultiHeadAttention. One expects the step after the last
#   one to raise, as a shape that does not fit raises.
#
#   It goes on: cache_index counts past the length, and each further token is written over the last place.
#   lax.dynamic_update_slice clamps its start index, and MultiHeadAttention.__call__
#   (flax/nnx/nn/attention.py) does not compare the index with the length. The tokens between the full cache
#   and the newest one are forgotten, and the output is wrong. The script compares the last step with a
#   cache that is long enough.
#
# Output seen:
#   cache of 7: index 7
#   cache of 4: index 7 places 4
#   tokens that the cache of 4 holds: [0, 1, 2, 6]
#   difference of the last output: 0.29
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

tokens = jax.random.normal(jax.random.key(0), (1, 7, 8))


def last_step(length):
    layer = nnx.MultiHeadAttention(2, 8, decode=True, rngs=nnx.Rngs(0))
    layer.init_cache((1, length, 8))
    for i in range(7):
        output = layer(tokens[:, i : i + 1])
    return layer, output


enough, right = last_step(7)
short, wrong = last_step(4)
print("cache of 7: index", enough.cache_index[...])
print("cache of 4: index", short.cache_index[...], "places", short.cached_key.shape[1])
kept = [
    int(jnp.abs(enough.cached_key[...] - short.cached_key[...][:, i : i + 1]).max((0, 2, 3)).argmin())
    for i in range(4)
]
difference = float(jnp.abs(right - wrong).max())
print("tokens that the cache of 4 holds:", kept)
print(f"difference of the last output: {difference:.2f}")
sys.exit(0 if kept == [0, 1, 2, 6] and difference > 0.1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
