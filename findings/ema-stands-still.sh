#!/usr/bin/env bash
# nnx.EMA of a bfloat16 model never moves.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   An exponential moving average with decay 0.999 is within 14% of a constant model after 2,000 updates.
#   That is what nnx.EMA does for a float32 model.
#
#   For a model with param_dtype=jnp.bfloat16 it stays where it started, to the last bit, however far the
#   model has moved. EMA (flax/nnx/training/ema.py) keeps the average in the dtype of the Param and computes
#   in it. One update moves the average by a thousandth of the distance, and bfloat16 has 8 bits, so the sum
#   rounds back. No argument asks for another dtype. The evaluation then reports the untrained model.
#
# Output seen:
#   part of the way after 2000 updates, float32:  0.86 to 0.86
#   part of the way after 2000 updates, bfloat16: 0.00 to 0.00
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


def progress(dtype):
    model = nnx.Linear(8, 8, use_bias=False, param_dtype=dtype, rngs=nnx.Rngs(0))
    ema = nnx.EMA(model, decay=0.999)
    start = ema.params.kernel[...]
    model.kernel[...] = 1.5 * model.kernel[...]

    @nnx.jit
    def update(ema, model):
        ema.update(model)

    for _ in range(2000):
        update(ema, model)
    way = (ema.params.kernel[...] - start) / (model.kernel[...] - start)
    way = jnp.abs(way.astype(jnp.float32))
    return float(way.min()), float(way.max())


wide, narrow = progress(jnp.float32), progress(jnp.bfloat16)
print(f"part of the way after 2000 updates, float32:  {wide[0]:.2f} to {wide[1]:.2f}")
print(f"part of the way after 2000 updates, bfloat16: {narrow[0]:.2f} to {narrow[1]:.2f}")
sys.exit(0 if abs(wide[0] - 0.86) < 0.01 and narrow == (0.0, 0.0) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
