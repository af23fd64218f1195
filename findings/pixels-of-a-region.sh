#!/usr/bin/env bash
# jnp.bincount sums its weights in uint8 if they are pixels: 1,000 white ones have the sum 24, where 255,000 is right.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The mean of each region of an image is bincount(labels, weights=pixels) / bincount(labels), as it is the mean of a
#   feature for each class of tokens. numpy computes the sums in float64, whatever the type of the weights, and
#   jnp.histogram and jnp.sum of the same pixels are right. The docstring of jnp.bincount lists what differs from
#   numpy, and the type of the sums is not in the list.
#
#   The sums have the type of the weights. Those of uint8 and int8 wrap, and a sum of ones in bfloat16 stops at 256
#   (as it does in jnp.histogram). The count, without weights, is int32 and right, so the ratio is a mean that depends
#   on the size of the region: 0.02 for white pixels here. Nothing warns. Weights of bool, a mask, are an error that
#   speaks of add.
#
#   The source: `bincount` in jax/_src/numpy/lax_numpy.py adds the weights to zeros of their own type by a scatter.
#   `histogram` in jax/_src/numpy promotes its weights to a float before.
#
# Output seen:
#   weights      sums of 1,000 and of 3 pixels     means            numpy            jnp.histogram
#   uint8        [24, 253]                     [0.024, 84.333]  [255000.0, 765.0] [255000.0, 765.0]
#   int8         [24, 125]                     [0.024, 41.667]  [127000.0, 381.0] [127000.0, 381.0]
#   float16      [1000.0, 3.0]                 [1.0, 1.0]       [1000.0, 3.0]     [1000.0, 3.0]
#   bfloat16     [256.0, 3.0]                  [0.256, 1.0]     [1000.0, 3.0]     [256.0, 3.0]
#   int32        [255000, 765]                 [255.0, 255.0]   [255000.0, 765.0] [255000.0, 765.0]
#   float32      [1000.0, 3.0]                 [1.0, 1.0]       [1000.0, 3.0]     [1000.0, 3.0]
#   a mask as weights: add does not accept dtype bool at position 0.
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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

labels = np.repeat([0, 1], [1000, 3])
seen = {}
print("weights      sums of 1,000 and of 3 pixels     means            numpy            jnp.histogram")
for name, white in (("uint8", 255), ("int8", 127), ("float16", 1), ("bfloat16", 1), ("int32", 255), ("float32", 1)):
    pixels = jnp.full(len(labels), white, name)
    sums = jnp.bincount(labels, weights=pixels)
    means = np.asarray(sums.astype("float32") / jnp.bincount(labels)).astype(float).round(3).tolist()
    right = np.bincount(labels, weights=np.asarray(pixels, float)).tolist()
    other = jnp.histogram(labels, 2, weights=pixels)[0].astype("float32").tolist()
    seen[name] = sums.tolist(), right, sums.dtype == pixels.dtype
    print(f"{name:12} {sums.tolist()!s:29} {means!s:16} {right!s:17} {other}")
    if name in ("uint8", "int8") and not np.allclose(other, right):
        sys.exit("jnp.histogram is wrong too")

try:
    jnp.bincount(labels, weights=np.ones(len(labels), bool))
    mask = "accepted"
except TypeError as error:
    mask = str(error)[:46]
print("a mask as weights:", mask)
wrong = {name for name, (found, right, _) in seen.items() if abs(found[0] - right[0]) > 1}
small = [seen[name][0][0] for name in ("uint8", "bfloat16")]
listed = "dtype of" in jnp.bincount.__doc__ or "promote" in jnp.bincount.__doc__
good = wrong == {"uint8", "int8", "bfloat16"}
sys.exit(0 if good and small == [24, 256] and all(row[2] for row in seen.values()) and not listed else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
