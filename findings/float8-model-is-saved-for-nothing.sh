#!/usr/bin/env bash
# equinox saves a model with float8 or int4 weights without a word, and cannot load it again.
#
# Date: 2026-11-29
#
# Versions: equinox 0.13.8, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   eqx.tree_serialise_leaves writes the arrays of a model to a file, and eqx.tree_deserialise_leaves reads them into a
#   model of the same structure. bfloat16, which numpy does not have, is taken care of. One expects the same of the
#   other small dtypes of jax, or a refusal to save them.
#
#   Weights in int4, uint4, float8_e4m3fn and float8_e5m2 are saved, and no load gets them back: "changed type from
#   ArrayImpl in `like` to ndarray on disk", or an error at the leaf for float8_e5m2. Who saves a quantized model learns
#   it when the model is needed.
#
#   The source: `default_serialise_filter_spec` in equinox/_serialisation.py calls jnp.save, which is numpy's, and numpy
#   writes a dtype of ml_dtypes as bytes without a name (`|V1`), or with a name that it does not take back (`<f1`).
#   `jnp.load` in jax/_src/numpy/lax_numpy.py takes two bytes without a name for bfloat16, and returns one byte as it
#   is.
#
# Output seen:
#   float32        saved, loaded
#   float16        saved, loaded
#   bfloat16       saved, loaded
#   int8           saved, loaded
#   int4           saved, RuntimeError
#   uint4          saved, RuntimeError
#   float8_e4m3fn  saved, RuntimeError
#   float8_e5m2    saved, TreePathError
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
packages=('equinox==0.13.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import pathlib
import sys
import tempfile

import equinox as eqx
import jax
import jax.numpy as jnp


def saved_and_loaded(dtype):
    model = {"kernel": jnp.array([1, 0, 1], dtype)}
    path = pathlib.Path(tempfile.mkdtemp()) / "model.eqx"
    eqx.tree_serialise_leaves(path, model)
    try:
        back = eqx.tree_deserialise_leaves(path, jax.tree.map(jnp.zeros_like, model))
    except Exception as error:
        return f"saved, {type(error).__name__}"
    return "saved, loaded" if (back["kernel"] == model["kernel"]).all() else "saved, another"


wanted = {
    jnp.float32: "saved, loaded",
    jnp.float16: "saved, loaded",
    jnp.bfloat16: "saved, loaded",
    jnp.int8: "saved, loaded",
    jnp.int4: "saved, RuntimeError",
    jnp.uint4: "saved, RuntimeError",
    jnp.float8_e4m3fn: "saved, RuntimeError",
    jnp.float8_e5m2: "saved, TreePathError",
}
seen = {}
for dtype in wanted:
    seen[dtype] = saved_and_loaded(dtype)
    print(f"{dtype.__name__:15}{seen[dtype]}")
sys.exit(0 if seen == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
