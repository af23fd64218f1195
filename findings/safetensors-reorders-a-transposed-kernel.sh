#!/usr/bin/env bash
# safetensors 0.8.0 writes the numbers of a transposed array in another order, and the model loads them.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, safetensors 0.8.0, Python 3.12, CPU.
#
# Behaviour:
#   A Linear of PyTorch has its weights as (out, in), NNX as (in, out). A converter transposes the numpy
#   array, w.T, writes it by safetensors.flax.save_file or safetensors.numpy.save_file, and reads it back.
#   One expects the numbers back, as from safetensors 0.5.3 to 0.7.0.
#
#   The file of 0.8.0 has the right shape and names, and the numbers of the array in the order in which they
#   lie in memory. A transposed array, a view with a step and an array in Fortran order are all wrong; a jax
#   array is right. numpy._flatten (safetensors/numpy.py) hands over the address of the data and its length,
#   and looks at no strides. The docstring asks for contiguous arrays, and nothing checks. The model runs
#   with scrambled weights of the right size and mean. numpy.ascontiguousarray is the way out.
#
# Output seen:
#   weight.T               output right after a round trip, flax: False, numpy: False
#   weight.T[:, ::-1]      output right after a round trip, flax: False, numpy: False
#   np.asfortranarray      output right after a round trip, flax: False, numpy: False
#   np.ascontiguousarray   output right after a round trip, flax: True, numpy: True
#   jnp.asarray(weight).T  output right after a round trip, flax: True, numpy: True
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'safetensors==0.8.0')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
import safetensors.flax
import safetensors.numpy
from flax import nnx

weight = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)  # (out, in)
x = np.ones((1, 4), np.float32).cumsum(axis=1)
layer = nnx.Linear(4, 3, rngs=nnx.Rngs(0))

seen = []
for text, kernel in (
    ("weight.T", weight.T),
    ("weight.T[:, ::-1]", weight.T[:, ::-1]),
    ("np.asfortranarray", np.asfortranarray(weight.T)),
    ("np.ascontiguousarray", np.ascontiguousarray(weight.T)),
    ("jnp.asarray(weight).T", jnp.asarray(weight).T),
):
    row = []
    for module in (safetensors.flax, safetensors.numpy):
        module.save_file({"kernel": np.asarray(kernel)}, "model.safetensors")
        layer.kernel[...] = jnp.asarray(module.load_file("model.safetensors")["kernel"])
        row.append(bool(np.allclose(layer(x), x @ np.asarray(kernel), atol=1e-4)))
    seen.append(row)
    print(f"{text:22} output right after a round trip, flax: {row[0]}, numpy: {row[1]}")
sys.exit(0 if seen == [[False] * 2] * 3 + [[True] * 2] * 2 else 1)
PROGRAM
# It writes files where it runs.
cd "$folder"
venv/bin/python program.py
