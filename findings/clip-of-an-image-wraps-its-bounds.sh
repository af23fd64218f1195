#!/usr/bin/env bash
# jnp.clip(image, 0, 300) of a uint8 image is at most 44, and labels > -1 is False for each label of uint8.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A bound that lies outside of the type of an array bounds nothing: no uint8 is below -1 or above 300. In numpy it
#   is so, for clip and for the comparisons. Where the number would have to become an element, as in np.maximum,
#   numpy raises an OverflowError. One expects one of the two: jnp.asarray(300, jnp.uint8) raises as well.
#
#   In jax clip(image, -5, 5) is 5 everywhere, and clip(image, 0, 300) cuts at 44. labels >= 0 is right and labels >
#   -1 is False for all. labels == -1, the usual mask of labels that are to be ignored, is true for the label 255.
#   int8 has the same beyond 127. With the number as an array, or as a number of numpy's, all are right: only the
#   plain one wraps.
#
#   The source: jax converts a number of Python to the type of the array (`promote_args` in jax/_src/numpy/util.py),
#   by a conversion that wraps, where `asarray` looks at the bounds.
#
# Output seen:
#   x = [0, 3, 200, 255] in uint8         numpy                         jax
#   clip(x, -5, 5)                    [0, 3, 5, 5]                  [5, 5, 5, 5]
#   clip(x, 0, 300)                   [0, 3, 200, 255]              [0, 3, 44, 44]
#   x > -1                            [1, 1, 1, 1]                  [0, 0, 0, 0]
#   x == -1                           [0, 0, 0, 0]                  [0, 0, 0, 1]
#   x < 300                           [1, 1, 1, 1]                  [1, 1, 0, 0]
#   isin(x, -1)                       [0, 0, 0, 0]                  [0, 0, 0, 1]
#   maximum(x, -1)                    OverflowError                 [255, 255, 255, 255]
#   where(x > 3, x, -1)               OverflowError                 [255, 255, 200, 255]
#   asarray(300, x.dtype)             OverflowError                 OverflowError
#   x == array([-1])                  [0, 0, 0, 0]                  [0, 0, 0, 0]
#   x == np.int64(-1)                 [0, 0, 0, 0]                  [0, 0, 0, 0]
#   int8: [-128, 0, 100] clip(x, 0, 200) is [-56, -56, -56] and x < 200 is [True, False, False]
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

values = np.array([0, 3, 200, 255], np.uint8)
CASES = {
    "clip(x, -5, 5)": lambda xp, x: xp.clip(x, -5, 5),
    "clip(x, 0, 300)": lambda xp, x: xp.clip(x, 0, 300),
    "x > -1": lambda xp, x: x > -1,
    "x == -1": lambda xp, x: x == -1,
    "x < 300": lambda xp, x: x < 300,
    "isin(x, -1)": lambda xp, x: xp.isin(x, -1),
    "maximum(x, -1)": lambda xp, x: xp.maximum(x, -1),
    "where(x > 3, x, -1)": lambda xp, x: xp.where(x > 3, x, -1),
    "asarray(300, x.dtype)": lambda xp, x: xp.asarray(300, x.dtype),
    "x == array([-1])": lambda xp, x: x == xp.array([-1]),
    "x == np.int64(-1)": lambda xp, x: x == np.int64(-1),
}
seen = {}
print("x =", values.tolist(), "in uint8".ljust(16), "numpy".ljust(29), "jax")
for name, function in CASES.items():
    row = []
    for xp in (np, jnp):
        try:
            row.append(np.asarray(function(xp, xp.asarray(values))).astype(int).tolist())
        except OverflowError:
            row.append("OverflowError")
    seen[name] = row
    print(f"{name:34}{str(row[0]):30}{row[1]}")

x = jnp.array([-128, 0, 100], jnp.int8)
print("int8:", x.tolist(), "clip(x, 0, 200) is", jnp.clip(x, 0, 200).tolist(), "and x < 200 is", (x < 200).tolist())
silent = all(seen[name][0] != seen[name][1] and seen[name][1] != "OverflowError" for name in list(CASES)[:8])
arrays = all(seen[name][0] == seen[name][1] for name in list(CASES)[8:])
loud = seen["maximum(x, -1)"][0] == "OverflowError" == seen["asarray(300, x.dtype)"][1]
sys.exit(0 if silent and arrays and loud and jnp.clip(x, 0, 200).tolist() == [-56, -56, -56] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
