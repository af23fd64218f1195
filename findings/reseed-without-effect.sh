#!/usr/bin/env bash
# nnx.reseed(model, dropout=1) has no effect on a model built from nnx.Rngs(0).
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.reseed(model, dropout=1) starts the dropout of a model anew from a seed. Two calls with one seed
#   make the model repeat its masks, which a reproducible evaluation or a test needs.
#
#   That holds for a model that was built from nnx.Rngs(0, dropout=5). It does nothing, and says nothing,
#   for a model that was built from nnx.Rngs(0), the usual way. Such a layer asks for the stream "dropout"
#   and gets the default one, and RngStream.fork keeps the tag "default". reseed (flax/nnx/rnglib.py)
#   compares the tag with the names that it is given, and no name has to match. A misspelt name is ignored
#   too, where nnx.split or nnx.view would refuse what is left over.
#
# Output seen:
#   Rngs(0, dropout=5), reseed(dropout=1): the mask repeats (tag 'dropout')
#   Rngs(0),            reseed(dropout=1): the mask goes on (tag 'default')
#   Rngs(0),            reseed(default=1): the mask repeats (tag 'default')
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


def repeats(rngs, **seeds):
    layer = nnx.Dropout(0.5, rngs=rngs)
    masks = []
    for _ in range(2):
        nnx.reseed(layer, **seeds)
        masks.append(layer(jnp.ones(64)))
    same = bool((masks[0] == masks[1]).all())
    return layer.rngs.tag, same


named = repeats(nnx.Rngs(0, dropout=5), dropout=1)
usual = repeats(nnx.Rngs(0), dropout=1)
default = repeats(nnx.Rngs(0), default=1)
for text, (tag, same) in (
    ("Rngs(0, dropout=5), reseed(dropout=1):", named),
    ("Rngs(0),            reseed(dropout=1):", usual),
    ("Rngs(0),            reseed(default=1):", default),
):
    print(text, "the mask repeats" if same else "the mask goes on", f"(tag {tag!r})")
sys.exit(0 if named[1] and not usual[1] and default[1] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
