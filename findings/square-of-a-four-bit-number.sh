#!/usr/bin/env bash
# In numpy the square of the uint4 15 is -31 and 15 times 15 is 1: half of the functions of ml_dtypes change to int8.
#
# Date: 2026-12-01
#
# Versions: ml_dtypes 0.6.0, numpy 2.5.5, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   Weights that are quantized to int4 or uint4 are arrays of numpy with a dtype of ml_dtypes, as np.asarray of an array
#   of jax has. Arithmetic of small integers wraps: one expects that x ** 2 and np.square(x) are x * x, and that an
#   operation on uint4 is never negative.
#
#   x * x is a uint4 that wraps at 16, and so are x + x and x - y. x ** 2 and np.square(x) are int8: 9 is squared to 81
#   and 15 to -31. -x of a uint4 is negative, where jax has 16 - x. So a sum of squares by x ** 2 is not one by x * x,
#   and both have another value for 15 than 225. jax wraps at 16 in all of them. Two pieces of code for one formula, or
#   one piece in numpy and in jax, part without a warning. Convert with astype(np.int32) before the first operation.
#
#   The source: `RegisterIntNUFuncs` in ml_dtypes/_src/intn_numpy.h registers add, subtract, multiply, floor_divide and
#   remainder, and no other. numpy then takes the next loop that the numbers can be cast to, which is that of int8; for
#   uint4 as well.
#
# Output seen:
#                       numpy                           jax
#   uint4   x * x       [9, 1, 1]         uint4         [9, 1, 1]         uint4
#   uint4   x ** 2      [9, 81, -31]      int8          [9, 1, 1]         uint4
#   uint4   square(x)   [9, 81, -31]      int8          [9, 1, 1]         uint4
#   uint4   x + x       [6, 2, 14]        uint4         [6, 2, 14]        uint4
#   uint4   -x          [-3, -9, -15]     int8          [13, 7, 1]        uint4
#   int4    x * x       [-7, 0, 1]        int4          [-7, 0, 1]        int4
#   int4    x ** 2      [9, 64, 49]       int8          [-7, 0, 1]        int4
#   int4    square(x)   [9, 64, 49]       int8          [-7, 0, 1]        int4
#   int4    x + x       [6, 0, -2]        int4          [6, 0, -2]        int4
#   int4    -x          [-3, 8, -7]       int8          [-3, -8, -7]      int4
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
packages=('ml-dtypes==0.6.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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

LOOKS = {
    "x * x": lambda x, xp: x * x,
    "x ** 2": lambda x, xp: x**2,
    "square(x)": lambda x, xp: xp.square(x),
    "x + x": lambda x, xp: x + x,
    "-x": lambda x, xp: -x,
}


def look(name, dtype, values, xp):
    found = LOOKS[name](xp.asarray(jnp.asarray(values, dtype)), xp)
    return [int(number) for number in found], str(found.dtype)


seen = {}
print(f"{'':8}{'':12}{'numpy':32}jax")
for dtype, values in ((jnp.uint4, [3, 9, 15]), (jnp.int4, [3, -8, 7])):
    for name in LOOKS:
        here, there = look(name, dtype, values, np), look(name, dtype, values, jnp)
        seen[jnp.dtype(dtype).name, name] = here, there
        print(f"{jnp.dtype(dtype).name:8}{name:12}{here[0]!s:18}{here[1]:14}{there[0]!s:18}{there[1]}")
wraps = all(seen[dtype, name][0] == seen[dtype, name][1] for dtype in ("uint4", "int4") for name in ("x * x", "x + x"))
squares = all(seen["uint4", name][0] == ([9, 81, -31], "int8") for name in ("x ** 2", "square(x)"))
jax_wraps = all(seen["uint4", name][1] == seen["uint4", "x * x"][1] for name in ("x ** 2", "square(x)"))
negative = seen["uint4", "-x"][0] == ([-3, -9, -15], "int8")
sys.exit(0 if wraps and squares and jax_wraps and negative else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
