#!/usr/bin/env bash
# Attention takes a padding mask with is_causal, until a dropout rate is set.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.MultiHeadAttention documents a mask that broadcasts, and is_causal, which is laid over it. A padding
#   mask of shape (batch, 1, 1, keys) together with is_causal=True works.
#
#   The same call raises a ValueError in a layer with dropout_rate=0.1, even where deterministic=True
#   switches dropout off, and with sow_weights=True. dot_product_attention (flax/nnx/nn/attention.py) hands
#   over to jax.nn.dot_product_attention only for a rate of 0.0 and no module to sow into. The other path,
#   dot_product_attention_weights, broadcasts the causal mask to the shape of the user's mask, which is too
#   small. So a model that is tested without dropout fails in training, and a debugging run that records
#   weights fails where training works.
#
# Output seen:
#   dropout_rate=0.0:                   (2, 6, 8)
#   dropout_rate=0.1, deterministic:    ValueError: Incompatible types for broadcasting: input type=float32[6,6] and requested type=float32[2,1,1,6]
#   dropout_rate=0.0, sow_weights=True: ValueError: Incompatible types for broadcasting: input type=float32[6,6] and requested type=float32[2,1,1,6]
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

x = jax.random.normal(jax.random.key(0), (2, 6, 8))
mask = (jnp.arange(6) < jnp.array([[4], [6]]))[:, None, None, :]


def attempt(text, rate, **options):
    layer = nnx.MultiHeadAttention(
        2, 8, dropout_rate=rate, deterministic=True, decode=False, rngs=nnx.Rngs(0)
    )
    try:
        result = str(layer(x, mask=mask, is_causal=True, **options).shape)
    except ValueError as error:
        result = f"{type(error).__name__}: {error}"
    print(text, result)
    return result


plain = attempt("dropout_rate=0.0:                  ", 0.0)
rate = attempt("dropout_rate=0.1, deterministic:   ", 0.1)
sow = attempt("dropout_rate=0.0, sow_weights=True:", 0.0, sow_weights=True)
sys.exit(0 if plain == "(2, 6, 8)" and rate.startswith("ValueError") and sow.startswith("ValueError") else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
