#!/usr/bin/env bash
# nnx.vmap refuses the list of axes that its docstring, its signature and jax.vmap take.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A program computes its axes, one for each argument, and so has them in a list: [None, 0]. The signature of
#   nnx.vmap says that in_axes may be a Sequence, its docstring says "sequence of values", and jax.vmap takes the
#   list. One expects the same of nnx.vmap.
#
#   nnx.vmap raises a ValueError about a "pytree structure error" and a "prefix pytree", which names neither
#   in_axes nor the list. So it does in each of its modes, with one argument as well, and where no argument is a
#   module. nnx.pmap, whose docstring has "nested Python container", does the same. The tuple (None, 0) is taken.
#
# Output seen:
#                                        (None, 0)  [None, 0]
#   jax.vmap                             (3, 2)     (3, 2)
#   nnx.vmap                             (3, 2)     ValueError: pytree structure error
#   nnx.vmap, graph_updates=False        (3, 2)     ValueError: pytree structure error
#   nnx.vmap, graph=False                (3, 2)     ValueError: pytree structure error
#   nnx.pmap                             (1, 2)     ValueError: pytree structure error
#
# Where: the axes are broadcast over the tuple of arguments as a prefix of it (flax/nnx/extract.py), to which a
# list is another kind of container; jax.vmap makes a tuple of a list first (jax/_src/api.py).
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
import functools
import sys

import jax
import jax.numpy as jnp
from flax import nnx


def added(weight, x):
    return weight + x


def told(transform, axes, rows):
    try:
        return str(transform(added, in_axes=axes)(jnp.ones(2), jnp.ones((rows, 2))).shape)
    except ValueError as error:
        return f"ValueError: {str(error).split(':')[0]}"


transforms = {
    "jax.vmap": (jax.vmap, 3),
    "nnx.vmap": (nnx.vmap, 3),
    "nnx.vmap, graph_updates=False": (functools.partial(nnx.vmap, graph_updates=False), 3),
    "nnx.vmap, graph=False": (functools.partial(nnx.vmap, graph=False), 3),
    "nnx.pmap": (nnx.pmap, 1),
}
print(" " * 37 + "(None, 0)  [None, 0]")
seen = []
for name, (transform, rows) in transforms.items():
    seen.append((told(transform, (None, 0), rows), told(transform, [None, 0], rows)))
    print(f"{name:37}{seen[-1][0]:11}{seen[-1][1]}")
refused = "ValueError: pytree structure error"
right = [("(3, 2)", "(3, 2)"), *[("(3, 2)", refused)] * 3, ("(1, 2)", refused)]
sys.exit(0 if seen == right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
