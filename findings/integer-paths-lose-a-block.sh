#!/usr/bin/env bash
# nnx.restore_int_paths turns the block "1_2" into 12, and drops one of the two where there is a block "12".
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A checkpoint has strings for the keys of its dicts. nnx.restore_int_paths makes integers again of those that were
#   indices of a list, such as "0" and "1". A model with stages has blocks that are called "1_1", "1_2" and "2_1", in an
#   nnx.Dict, and these are no numbers. One expects them back as they are.
#
#   They come back as 11, 12 and 21, so that the state no longer fits the model. If the model has blocks "1_2" and "12",
#   one of them is gone, with its arrays and without a word; so it is with "7" and "07".
#
#   The source: `restore_int_paths` (flax/nnx/statelib.py) takes for an index whatever int() takes. int() takes the
#   notation of Python with underscores between digits, and zeros in front. The result is a dict by path, in which the
#   second of two equal paths replaces the first.
#
# Output seen:
#   0, 1            becomes 0, 1                    values [1.0, 2.0]
#   1_1, 1_2, 2_1   becomes 11, 12, 21              values [1.0, 2.0, 3.0]
#   1_2, 12         becomes 12                      values [1.0]
#   7, 07           becomes 7                       values [1.0]
#   a_1, 1_a        becomes '1_a', 'a_1'            values [1.0, 2.0]
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
import warnings

import jax
import jax.numpy as jnp
from flax import nnx

warnings.simplefilter("error")


class Block(nnx.Module):
    def __init__(self, value):
        self.scale = nnx.Param(jnp.full(2, value))


def names(tree):
    return sorted(map(repr, tree))


seen = []
for keys in (["0", "1"], ["1_1", "1_2", "2_1"], ["1_2", "12"], ["7", "07"], ["a_1", "1_a"]):
    model = nnx.Dict({key: Block(float(i + 1)) for i, key in enumerate(keys)})
    pure = nnx.to_pure_dict(nnx.state(model))
    back = nnx.restore_int_paths(pure)
    values = sorted(float(leaf[0]) for leaf in jax.tree.leaves(back))
    seen.append((list(back), values))
    print(f"{', '.join(keys):16}becomes {', '.join(names(back)):24}values {values}")
ok = [sorted(map(str, keys)) for keys, _ in seen] == [["0", "1"], ["11", "12", "21"], ["12"], ["7"], ["1_a", "a_1"]]
sys.exit(0 if ok and [len(values) for _, values in seen] == [2, 3, 1, 1, 2] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
