#!/usr/bin/env bash
# In bfloat16 the output in eval mode depends on the dropout rate.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   Dropout is off in eval mode, so the rate that a layer was built with cannot matter there. It does matter
#   for nnx.MultiHeadAttention in bfloat16: the outputs differ between a rate of 0.0 and of 0.1, with the
#   same weights. To record the attention weights (sow_weights=True) changes the output in the same way.
#
#   dot_product_attention (flax/nnx/nn/attention.py) asks for dropout_rate == 0.0 and forgets that
#   deterministic is True. The fast path, jax.nn.dot_product_attention, accumulates the logits and the
#   softmax in float32; the other path stays in bfloat16. Who removes dropout from a configuration for
#   serving gets other numbers than in the evaluation, and a golden test fails.
#
# Output seen:
#   float32: rate 0.0 against rate 0.1: 0% of the outputs differ by more than 0.001
#   float32: weights recorded or not  : 0% of the outputs differ by more than 0.001
#   bfloat16: rate 0.0 against rate 0.1: 30% of the outputs differ by more than 0.001
#   bfloat16: weights recorded or not  : 30% of the outputs differ by more than 0.001
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

x = jax.random.normal(jax.random.key(0), (2, 64, 64))


def output(rate, dtype, **options):
    layer = nnx.MultiHeadAttention(2, 64, dropout_rate=rate, decode=False, dtype=dtype, rngs=nnx.Rngs(0))
    layer.eval()
    return layer(x, **options).astype(jnp.float32)


ok = True
for dtype in (jnp.float32, jnp.bfloat16):
    plain = output(0.0, dtype)
    for text, other in (
        ("rate 0.0 against rate 0.1", output(0.1, dtype)),
        ("weights recorded or not  ", output(0.0, dtype, sow_weights=True)),
    ):
        part = float((jnp.abs(plain - other) > 1e-3).mean())
        print(f"{jnp.dtype(dtype).name}: {text}: {part:.0%} of the outputs differ by more than 0.001")
        ok &= part > 0.1 if dtype == jnp.bfloat16 else part == 0
sys.exit(0 if ok else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
