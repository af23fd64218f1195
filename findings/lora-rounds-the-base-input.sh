#!/usr/bin/env bash
# nnx.LoRA in bfloat16 changes the output of the float32 layer that it wraps.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A fresh LoRA adapter adds nothing: its second matrix is zero. So a wrapped layer gives the output of the
#   layer alone, whatever the precision of the adapter.
#
#   nnx.LoRA(..., base_module=layer, dtype=jnp.bfloat16) gives another one. LoRA.__call__
#   (flax/nnx/nn/lora.py) binds the promoted input to the name x and then calls the base module with that x.
#   The base layer computes in float32 on an input that was rounded to 8 bits, and its result is float32, so
#   the dtype does not tell. nnx.LoRALinear with lora_dtype=jnp.bfloat16 is exact, since it calls the base
#   layer first.
#
# Output seen:
#   LoRA, dtype=None:           float32 difference 0.0000
#   LoRA, dtype=bfloat16:       float32 difference 0.0071
#   LoRALinear, lora_dtype=bfloat16: difference 0.0000
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

x = jax.random.normal(jax.random.key(0), (8, 64))
base = nnx.Linear(64, 64, rngs=nnx.Rngs(0))


def difference(dtype):
    adapter = nnx.LoRA(64, 4, 64, base_module=base, dtype=dtype, rngs=nnx.Rngs(1))
    assert not adapter.lora_b[...].any()
    y = adapter(x)
    return y.dtype, float(jnp.abs(y - base(x)).max())


exact, rounded = difference(None), difference(jnp.bfloat16)
linear = nnx.LoRALinear(64, 64, lora_rank=4, lora_dtype=jnp.bfloat16, rngs=nnx.Rngs(0))
print("LoRA, dtype=None:          ", exact[0], f"difference {exact[1]:.4f}")
print("LoRA, dtype=bfloat16:      ", rounded[0], f"difference {rounded[1]:.4f}")
other = float(jnp.abs(linear(x) - base(x)).max())
print("LoRALinear, lora_dtype=bfloat16:", f"difference {other:.4f}")
sys.exit(0 if exact[1] == other == 0 and rounded[1] > 1e-3 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
