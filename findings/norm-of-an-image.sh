#!/usr/bin/env bash
# jnp.linalg.vector_norm of the pixels 100 and 60 is 5.66, where jnp.linalg.norm is 116.6; with ord=3 it is 1.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   jnp.linalg.norm and jnp.linalg.vector_norm both give the length of a vector. The docstring of the second sends its
#   reader to the first for the options, and numpy gives one result for both. An array of integers, such as an image,
#   a difference of token counts or a row of int8 weights, is a valid input of both: the result is a float.
#
#   vector_norm of integers is another number, without a warning. The square of a pixel wraps, so that an image that
#   is 16 everywhere has the length 0, and one of random pixels has 7% of its length. Of int32 it is wrong from 46,341
#   on. With ord=3, or any other order above 2, the norm of every vector of integers is exactly 1. An image divided by
#   this norm, or a distance in a search for the nearest, is then wrong by a factor that depends on the image. Orders
#   1 and infinity are right.
#
#   The source: `norm` in jax/_src/numpy/linalg.py promotes its input to a float first, and then calls `vector_norm`,
#   which does not. There `x * conj(x)` is computed in the type of x. For a higher order `lax._const(abs_x, 1. /
#   ord_arr)` makes an integer of 1/3, so that the sum of the powers is raised to the power of 0.
#
# Output seen:
#   vector                ord  vector_norm            norm           numpy
#   uint8   [100, 60]       2           5.657         116.619         116.619
#   uint8   [100, 60]       3           1.000         106.736         106.736
#   int8    [100, 60]       2           5.657         116.619         116.619
#   int8    [100, 60]       3           1.000         106.736         106.736
#   int16   [300, 200]      2             nan         360.555         360.555
#   int16   [300, 200]      3           1.000         327.107         327.107
#   int32   [100000, 60000] 2       26741.318      116619.039      116619.038
#   int32   [100000, 60000] 3           1.000      106736.102      106736.066
#   five images, ratio to the right length: ['0.071', '0.068', '0.07', '0.07', '0.07']
#   an image that is 16 everywhere: 0.0 and by norm 1024.0
#   arange(1000) with ord=3: 1.0 and of floats 6295.40625
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

VECTORS = {"uint8": [100, 60], "int8": [100, 60], "int16": [300, 200], "int32": [100_000, 60_000], "float32": [100, 60]}
ORDERS = 1, 2, 3, np.inf
wrong = set()
print("vector                ord  vector_norm            norm           numpy")
for name, numbers in VECTORS.items():
    x = np.array(numbers, name)
    for order in ORDERS:
        found, norm = float(jnp.linalg.vector_norm(x, ord=order)), float(jnp.linalg.norm(x, ord=order))
        right = float(np.linalg.vector_norm(x.astype(float), ord=order))
        if not np.isclose(norm, right, rtol=1e-4):
            sys.exit("jnp.linalg.norm is wrong too")
        if not np.isclose(found, right, rtol=1e-4):
            wrong.add((name, order))
            print(f"{name:8}{numbers!s:16}{order} {found:15.3f} {norm:15.3f} {right:15.3f}")

images = np.random.RandomState(0).randint(0, 256, (5, 64 * 64)).astype(np.uint8)
lengths = np.asarray(jnp.linalg.vector_norm(images, axis=1))
right = np.linalg.vector_norm(images.astype(float), axis=1)
print("five images, ratio to the right length:", (lengths / right).round(3).astype(str).tolist())
dark = float(jnp.linalg.vector_norm(jnp.full(64 * 64, 16, jnp.uint8)))
print("an image that is 16 everywhere:", dark, "and by norm", float(jnp.linalg.norm(jnp.full(64 * 64, 16, jnp.uint8))))
cube = float(jnp.linalg.vector_norm(jnp.arange(1000), ord=3))
floats = float(jnp.linalg.vector_norm(jnp.arange(1000.0), ord=3))
print("arange(1000) with ord=3:", cube, "and of floats", floats)
squares = {("uint8", 2), ("int8", 2), ("int16", 2), ("int32", 2)}
cubes = {(name, 3) for name in ("uint8", "int8", "int16", "int32")}
sys.exit(0 if wrong == squares | cubes and (lengths < 0.2 * right).all() and (dark, cube) == (0, 1) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
