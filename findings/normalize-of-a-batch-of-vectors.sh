#!/usr/bin/env bash
# brax.math.safe_norm and normalize ignore their axis: four unit vectors are normalized to the length 0.5 each.
#
# Date: 2026-11-29
#
# Versions: brax 0.14.2, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, mujoco 4.0.0, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   Both functions take an `axis`, "the axis along which to compute the norm". One expects what jnp.linalg.norm gives
#   with that axis: one norm for each vector of a batch.
#
#   There is one norm, that of the whole array, whatever the axis is. normalize(vectors, axis=-1) divides all of them by
#   it, so that the vectors of a batch of n come out with a length around 1 / sqrt(n), and the result for one vector
#   depends on the others. The shape of the normalized array is right, so that only the numbers tell. Rotations by
#   quaternions that were normalized in a batch of 1,000 shrink a vector to a thousandth. In jax.vmap without an axis
#   both are right.
#
#   The source: `safe_norm` in brax/math.py does not use `axis`; it ends in `jp.linalg.norm(x)`.
#
# Output seen:
#                                   norm                 lengths after normalize    in jax.vmap
#   four unit vectors      axis=None  2.0                  [0.5, 0.5, 0.5, 0.5]       [1.0, 1.0, 1.0, 1.0]
#   four unit vectors      axis=-1    2.0                  [0.5, 0.5, 0.5, 0.5]       [1.0, 1.0, 1.0, 1.0]
#   four unit vectors      axis=0     2.0                  [0.5, 0.5, 0.5, 0.5]       [1.0, 1.0, 1.0, 1.0]
#   one of them times 100  axis=None  100.01499938964844   [0.01, 0.01, 0.01, 1.0]    [1.0, 1.0, 1.0, 1.0]
#   one of them times 100  axis=-1    100.01499938964844   [0.01, 0.01, 0.01, 1.0]    [1.0, 1.0, 1.0, 1.0]
#   one of them times 100  axis=0     100.01499938964844   [0.01, 0.01, 0.01, 1.0]    [1.0, 1.0, 1.0, 1.0]
#   jnp.linalg.norm with axis=-1: [1.0, 1.0, 1.0, 1.0]
#   mean length of a unit vector after rotations that were normalized as a batch of 1,000: 0.001
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
packages=('brax==0.14.2' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'mujoco==4.0.0' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import contextlib
import io
import sys

import jax
import jax.numpy as jnp
import numpy as np

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    from brax import math

vectors = jnp.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.6, 0.8], [0.0, 0.0, -1.0]])
large = vectors.at[3].mul(100)


def lengths(x):
    return [round(float(length), 3) for length in np.linalg.norm(np.asarray(x), axis=-1)]


seen = {}
print("                                norm                 lengths after normalize    in jax.vmap")
for name, batch in {"four unit vectors": vectors, "one of them times 100": large}.items():
    for axis in (None, -1, 0):
        norm, normal = math.safe_norm(batch, axis=axis), math.normalize(batch, axis=axis)[0]
        mapped = jax.vmap(lambda x: math.normalize(x)[0])(batch)
        seen[name, axis] = np.shape(norm), lengths(normal), lengths(mapped)
        text = str(np.round(np.asarray(norm), 3).tolist())
        print(f"{name:22} axis={axis!s:5} {text:20} {str(lengths(normal)):26} {lengths(mapped)}")
print("jnp.linalg.norm with axis=-1:", jnp.linalg.norm(vectors, axis=-1).tolist())

key = jax.random.key(0)
quaternions = jax.random.normal(key, (1_000, 4))
normal = math.normalize(quaternions, axis=-1)[0]
turned = jax.vmap(math.rotate, (None, 0))(jnp.array([1.0, 0.0, 0.0]), normal)
length = float(jnp.linalg.norm(turned, axis=-1).mean())
print("mean length of a unit vector after rotations that were normalized as a batch of 1,000:", round(length, 4))
one = all(row[0] == () for row in seen.values())
half = seen["four unit vectors", -1][1] == [0.5] * 4 and seen["one of them times 100", -1][1][0] == 0.01
mapped = all(row[2] == [1.0] * 4 for row in seen.values())
sys.exit(0 if one and half and mapped and length < 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
