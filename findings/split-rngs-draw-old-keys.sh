#!/usr/bin/env bash
# Rngs.split hands out keys again that were used before.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   The counter of an RNG stream makes sure that no key is drawn twice, and rngs.split and rngs.fork make a
#   new Rngs from a new key. rngs.split({"params": 4, ...: None}) splits the parameters for four layers and
#   leaves the other streams unsplit, as the docstring shows.
#
#   The unsplit stream of the result starts again at count 0 with the key of the old one. Its first draw is
#   the first draw that the old stream ever made, so the dropout masks of the old and of the new Rngs are
#   the same, one after the other. Rngs.split (flax/nnx/rnglib.py) puts the stream itself into the new Rngs,
#   whose __init__ takes its key and not its count. Rngs.broadcast does the same with None, and Rngs.fork
#   draws a new key for each stream.
#
# Output seen:
#   split     of 3 dropout keys drawn before, drawn again: 3
#   broadcast of 3 dropout keys drawn before, drawn again: 3
#   fork      of 3 dropout keys drawn before, drawn again: 0
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

import jax
from flax import nnx

SPLIT = {"params": 4, ...: None}


def repeated(derive):
    rngs = nnx.Rngs(params=0, dropout=1)
    old = [rngs.dropout() for _ in range(3)]
    derived = derive(rngs)
    new = [derived.dropout() for _ in range(3)]
    return sum(bool(jax.numpy.array_equal(jax.random.key_data(a), jax.random.key_data(b))) for a, b in zip(old, new))


seen = {}
for text, derive in (
    ("split", lambda rngs: rngs.split(SPLIT)),
    ("broadcast", lambda rngs: rngs.broadcast(SPLIT)),
    ("fork", lambda rngs: rngs.fork()),
):
    seen[text] = repeated(derive)
    print(f"{text:9} of 3 dropout keys drawn before, drawn again: {seen[text]}")
sys.exit(0 if seen == {"split": 3, "broadcast": 3, "fork": 0} else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
