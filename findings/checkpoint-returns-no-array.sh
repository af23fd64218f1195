#!/usr/bin/env bash
# jax.checkpoint and checkify return a number of Python as an object that is no jax.Array.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A function returns an array and a number, say a loss and its weight. jax.jit, jax.vmap and jax.lax.cond hand
#   both back as jax arrays. One expects it of jax.checkpoint and of checkify, too, which change neither what a
#   function computes nor what it returns.
#
#   They hand the number back as a float of a class of jax's own, which has a dtype, and neither a shape nor a
#   number of axes. `loss.shape` raises an AttributeError, and isinstance(loss, jax.Array) is False. Without the
#   transform it is a float, and has no dtype. So code that takes a dtype for the mark of an array fails.
#
# Output seen:
#                    class       jax.Array  dtype    shape
#   as it is         float       False      none     none
#   jit              ArrayImpl   True       float32  ()
#   checkpoint       TypedFloat  False      float32  none
#   checkify         TypedFloat  False      float32  none
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
from jax.experimental import checkify


def both(x):
    return x * x, 1.5


def told(value):
    """What somebody asks of an array."""
    shape, dtype = getattr(value, "shape", "none"), getattr(value, "dtype", "none")
    return type(value).__name__, isinstance(value, jax.Array), str(dtype), str(shape)


x = jax.numpy.ones(3)
seen = {
    "as it is": told(both(x)[1]),
    "jit": told(jax.jit(both)(x)[1]),
    "checkpoint": told(jax.checkpoint(both)(x)[1]),
    "checkify": told(checkify.checkify(both)(x)[1][1]),
}
print("                 class       jax.Array  dtype    shape")
for name, (kind, is_array, dtype, shape) in seen.items():
    print(f"{name:17}{kind:12}{is_array!s:11}{dtype:9}{shape}")
typed = ("TypedFloat", False, "float32", "none")
plain = ("float", False, "none", "none"), ("ArrayImpl", True, "float32", "()")
sys.exit(0 if list(seen.values()) == [*plain, typed, typed] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
