#!/usr/bin/env bash
# flax.serialization restores big-endian arrays with their bytes swapped.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, safetensors 0.8.0, Python 3.12, CPU.
#
# Behaviour:
#   FITS, netCDF 3, old HDF5 and the IDX files of MNIST hold big-endian numbers, and numpy keeps them so (dtype
#   ">f4") and computes with them as with any others. Whoever stores the mean and the scale of such a data set
#   beside the parameters of a model has them in the tree that to_bytes gets. One expects the same values back, or
#   an error: jnp.asarray, too, refuses such an array.
#
#   to_bytes and msgpack_serialize take it without a word, and from_bytes and msgpack_restore return 8.8e-44 for
#   0.5 and 16,777,216 for 1. _ndarray_to_bytes (flax/serialization.py) writes dtype.name, which is "float32" for
#   both orders, beside the bytes as they lie in memory. A comment there says that no objects or fields are
#   supported; the byte order is not mentioned, nor in the documentation. safetensors and numpy.save are right.
#
# Output seen:
#   flax to_bytes   float32 [8.828180325246348e-44, 4.600602988224807e-41, 7.183896707207607e-41]
#   flax to_bytes   int32   [16777216, 33554432, 50331648]
#   flax to_bytes   uint8   [1, 2, 3]
#   flax msgpack    float32 [8.828180325246348e-44, 4.600602988224807e-41, 7.183896707207607e-41]
#   flax msgpack    int32   [16777216, 33554432, 50331648]
#   flax msgpack    uint8   [1, 2, 3]
#   safetensors     float32 [0.5, 1.0, 100.0]
#   safetensors     int32   [1, 2, 3]
#   safetensors     uint8   [1, 2, 3]
#   numpy.save      float32 [0.5, 1.0, 100.0]
#   numpy.save      int32   [1, 2, 3]
#   numpy.save      uint8   [1, 2, 3]
#   jnp.asarray     refuses >f4
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'safetensors==0.8.0')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import io
import sys

import jax.numpy as jnp
import numpy as np
import safetensors.numpy
from flax import serialization


def through_npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return np.load(io.BytesIO(file.getvalue()))


ways = {
    "flax to_bytes": lambda a: serialization.from_bytes(a, serialization.to_bytes(a)),
    "flax msgpack": lambda a: serialization.msgpack_restore(serialization.msgpack_serialize(a)),
    "safetensors": lambda a: safetensors.numpy.load(safetensors.numpy.save({"x": a}))["x"],
    "numpy.save": through_npy,
}
arrays = {
    "float32": np.array([0.5, 1, 100], ">f4"),
    "int32": np.array([1, 2, 3], ">i4"),
    "uint8": np.array([1, 2, 3], "u1"),
}
same = {}
for name, way in ways.items():
    for kind, array in arrays.items():
        back = way(array)
        same[name, kind] = bool((back == array).all())
        print(f"{name:16}{kind:8}{back.tolist()}")
try:
    jnp.asarray(arrays["float32"])
    refused = False
except TypeError:
    refused = True
    print("jnp.asarray     refuses >f4")
swapped = {(name, kind) for name in ("flax to_bytes", "flax msgpack") for kind in ("float32", "int32")}
sys.exit(0 if refused and {key for key, value in same.items() if not value} == swapped else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
