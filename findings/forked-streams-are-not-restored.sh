#!/usr/bin/env bash
# After nnx.fork_rngs with a filter and ... nnx.restore_rngs gives back another key.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.fork_rngs(rngs, split=...) forks streams for a while, and nnx.restore_rngs puts the old ones back:
#   "this is useful when you only want to fork the rng states temporarily". A mapping says how many keys each
#   filter gets, with ... for all other streams, as in any filter of NNX: the first that matches counts.
#
#   In the default mode a stream that is named and also matches ... is forked twice. With {"params": None,
#   ...: None} that passes, but the backups hold the key between the two forks, so the stream goes on with
#   that key after restore_rngs, also at the end of a `with` block, and its later numbers are others. With
#   {"params": 2, ...: None}, which splits one stream, the second fork meets an array of keys: ValueError.
#   _graph_updates_fork_rngs (flax/nnx/rnglib.py) tries each filter on each stream and does not stop at the
#   first that matches; the modes without graph updates do. With one filter the key comes back.
#
# Output seen:
#   {"params": None}: the key comes back:            True
#   {"params": None, ...: None}: the key comes back: False
#   {"params": 2, ...: None}: ValueError: fold_in accepts a single key, but was given a key array of
#   the same without graph updates: (2,) ()
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

from flax import nnx


def comes_back(split):
    """Whether the key of the stream is the old one when the fork is over."""
    rngs = nnx.Rngs(params=0, dropout=1)
    before = rngs.params.key[...]
    with nnx.fork_rngs(rngs, split=split):
        pass
    return bool(rngs.params.key[...] == before)


one, two = comes_back({"params": None}), comes_back({"params": None, ...: None})
print('{"params": None}: the key comes back:           ', one)
print('{"params": None, ...: None}: the key comes back:', two)
try:
    split = comes_back({"params": 2, ...: None})
except ValueError as error:
    split = f"ValueError: {error}"[:70]
print('{"params": 2, ...: None}:', split)
forked = nnx.fork_rngs(nnx.Rngs(params=0, dropout=1), split={"params": 2, ...: None}, graph_updates=False)
print("the same without graph updates:", forked.params.key.shape, forked.dropout.key.shape)
sys.exit(0 if one and not two and str(split).startswith("ValueError") else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
