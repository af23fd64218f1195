#!/usr/bin/env bash
# nnx.EMA accepts a model with dropout and fails at its first update.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.EMA(model, decay=0.9) takes "any object, typically an NNX module", and by default it follows every
#   Variable. One expects either an average of the parameters or a refusal where the object is made.
#
#   The keys and the counts of the random streams are Variables as well. EMA.__init__
#   (flax/nnx/training/ema.py) copies them without a word, and EMA.update multiplies a key by a float, which
#   raises a TypeError about dtypes that names neither. only=nnx.Param is the way out, and has a surprise of
#   its own: apply_to shares what is not averaged with the model. A call of the averaged model in train mode
#   therefore moves the batch statistics of the model that is trained.
#
# Output seen:
#   made
#   update: multiply does not accept dtypes float32, key<fry>.
#   mean of the trained model after a call of the averaged one: [100.]
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

rngs = nnx.Rngs(0)
model = nnx.Sequential(nnx.Linear(2, 2, rngs=rngs), nnx.Dropout(0.5, rngs=rngs))
ema = nnx.EMA(model, decay=0.9)
print("made")
try:
    ema.update(model)
    message = ""
except TypeError as error:
    message = str(error)
print("update:", message)

norm = nnx.BatchNorm(1, momentum=0.0, rngs=rngs)
averaged = nnx.EMA(norm, decay=0.9, only=nnx.Param).apply_to(norm)
averaged(jnp.full((4, 1), 100.0))
print("mean of the trained model after a call of the averaged one:", norm.mean[...])
sys.exit(0 if "multiply does not accept dtypes" in message and norm.mean[0] == 100 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
