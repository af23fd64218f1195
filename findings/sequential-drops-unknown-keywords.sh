#!/usr/bin/env bash
# nnx.Sequential drops a misspelt keyword, so dropout stays on.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A layer that is called with a keyword that it does not know raises a TypeError. nnx.Sequential documents
#   that it forwards a keyword to every layer whose signature accepts it. One expects a keyword that no
#   layer accepts to raise.
#
#   It is dropped: nnx.Sequential(...)(x, determinstic=True) runs with dropout on and gives a plausible
#   output. _filter_kwargs (flax/nnx/helpers.py) filters for each layer and nobody looks at what is left. A
#   keyword is lost as well where inspect.signature cannot read a callable. Also, deterministic reaches a
#   layer inside of a nested module only if that module's __call__ names it.
#
# Output seen:
#   Dropout(x, determinstic=True):             TypeError: Dropout.__call__() got an unexpected keyword argument 'determinstic'
#   Sequential(x, deterministic=True):         dropout is off
#   Sequential(x, determinstic=True):          dropout is on
#   Sequential(Block)(x, deterministic=True):  dropout is on
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
import sys

import jax.numpy as jnp
from flax import nnx

rngs = nnx.Rngs(0)
dropout = nnx.Dropout(0.5, rngs=rngs)


class Block(nnx.Module):
    def __call__(self, x):
        return dropout(x)


x = jnp.ones((1, 64))


def drops(layer, **options):
    try:
        return f"dropout is {'on' if (layer(x, **options) == 0).any() else 'off'}"
    except TypeError as error:
        return f"{type(error).__name__}: {error}"


alone = drops(dropout, determinstic=True)
right = drops(nnx.Sequential(dropout), deterministic=True)
wrong = drops(nnx.Sequential(dropout), determinstic=True)
nested = drops(nnx.Sequential(Block()), deterministic=True)
print("Dropout(x, determinstic=True):            ", alone)
print("Sequential(x, deterministic=True):        ", right)
print("Sequential(x, determinstic=True):         ", wrong)
print("Sequential(Block)(x, deterministic=True): ", nested)
ok = alone.startswith("TypeError") and right == "dropout is off"
sys.exit(0 if ok and wrong == nested == "dropout is on" else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
