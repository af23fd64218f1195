#!/usr/bin/env bash
# Rotary positions and an autoregressive cache give wrong outputs together.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A causal attention layer gives the same outputs whether it sees the sequence at once or a token at a
#   time through its cache. nnx.MultiHeadAttention keeps this without rotary positions. With
#   attention_fn=dot_product_attention_with_rope it accepts decode=True, and every output after the first is
#   wrong.
#
#   In decode mode the query has length 1 and the key is the whole cache. dot_product_attention_with_rope
#   (flax/nnx/nn/attention.py) rotates both by jnp.arange(length), so the query always stands at position 0.
#   The argument input_positions is no way out: it is given to the query and to the cache alike, and their
#   lengths differ, so jax.vmap refuses it.
#
# Output seen:
#   largest difference at each position, no RoPE: ['0e+00', '0e+00', '1e-07', '6e-08', '9e-08']
#   largest difference at each position, RoPE:    ['0.00', '0.73', '1.25', '0.33', '0.80']
#   with input_positions: ValueError vmap got inconsistent sizes for array axes to be mapped:
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
import functools
import sys

import jax
import jax.numpy as jnp
from flax import nnx
from flax.nnx.nn.attention import RoPE, dot_product_attention_with_rope

LENGTH = 5
x = jax.random.normal(jax.random.key(0), (1, LENGTH, 16))


def difference(**options):
    layer = nnx.MultiHeadAttention(2, 16, decode=False, rngs=nnx.Rngs(0), **options)
    at_once = layer(x, is_causal=True)
    layer.init_cache((1, LENGTH, 16))
    steps = [layer(x[:, i : i + 1], decode=True) for i in range(LENGTH)]
    return layer, jnp.abs(at_once - jnp.concatenate(steps, axis=1)).max((0, 2))


_, plain = difference()
rope = functools.partial(dot_product_attention_with_rope, rope=RoPE())
layer, rotary = difference(attention_fn=rope)
print("largest difference at each position, no RoPE:", [f"{d:.0e}" for d in plain.tolist()])
print("largest difference at each position, RoPE:   ", [f"{d:.2f}" for d in rotary.tolist()])

layer.init_cache((1, LENGTH, 16))
try:
    layer(x[:, :1], decode=True, input_positions=jnp.array([[0]]))
    refused = False
except ValueError as error:
    refused = True
    print("with input_positions:", type(error).__name__, str(error).splitlines()[0])
sys.exit(0 if plain.max() < 1e-5 and rotary[1:].min() > 0.1 and refused else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
