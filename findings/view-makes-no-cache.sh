#!/usr/bin/env bash
# nnx.view takes batch_size and max_length for an attention cache and makes no cache.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   MultiHeadAttention.set_view documents batch_size and max_length, "the max length to use for the cache",
#   and nnx.view_info prints them. nnx.view(layer, decode=True, batch_size=1, max_length=4) is accepted, so
#   one expects a view that can decode.
#
#   The view is in decode mode and has no cache: its first call asks for init_cache. set_view
#   (flax/nnx/nn/attention.py) makes the cache if hasattr(self, "cached_key") is false, and __init__ sets
#   that attribute to None, so it never is. For the same reason the check that batch_size is given never
#   raises.
#
# Output seen:
#   decode: True cached_key: None
#   first call: Autoregressive cache not initialized, call ``init_cache`` first.
#   a view without the sizes: decode: True
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

layer = nnx.MultiHeadAttention(2, 8, decode=False, rngs=nnx.Rngs(0))
view = nnx.view(layer, decode=True, batch_size=1, max_length=4)
print("decode:", view.decode, "cached_key:", view.cached_key)
try:
    view(jnp.ones((1, 1, 8)))
    message = ""
except ValueError as error:
    message = str(error)
print("first call:", message)
unchecked = nnx.view(layer, decode=True)
print("a view without the sizes: decode:", unchecked.decode)
sys.exit(0 if view.cached_key is None and "not initialized" in message else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
