#!/usr/bin/env bash
# orbax saves the parameters "a.b" and a["b"] into one place, and restores one value for both.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, orbax-checkpoint 0.12.8, Python 3.12, CPU.
#
# Behaviour:
#   A tree of parameters that comes from PyTorch has keys with dots, and a model that joins such a part with
#   others has both: "layers.0" and "layers" with a "0" in it. They are different leaves of a tree, and one
#   expects a checkpoint to hold two arrays, or an error.
#
#   orbax joins the keys of a leaf by dots to the name of its array, so both leaves have one name. save and
#   restore succeed, with and without a target, and the restored tree has the right structure with the value
#   of one leaf at both places. Which of the two it is can change from run to run, since both are written at
#   the same time. A list counts, too: "x.0" beside x[0]. Only where the two shapes differ the save raises.
#
# Output seen:
#   {"a.b": ., "a": {"b": .}}    saved: 2 different values, restored: one value twice
#   {"x.0": ., "x": [.]}         saved: 2 different values, restored: one value twice
#   {"a_b": ., "a": {"b": .}}    saved: 2 different values, restored: 2 different values
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'orbax-checkpoint==0.12.8')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
import tempfile

import numpy as np
import orbax.checkpoint as ocp

trees = {
    '{"a.b": ., "a": {"b": .}}': {"a.b": np.full(2, 1.0), "a": {"b": np.full(2, 2.0)}},
    '{"x.0": ., "x": [.]}': {"x.0": np.full(2, 1.0), "x": [np.full(2, 2.0)]},
    '{"a_b": ., "a": {"b": .}}': {"a_b": np.full(2, 1.0), "a": {"b": np.full(2, 2.0)}},
}


def leaves(tree):
    children = tree.values() if isinstance(tree, dict) else tree
    return [float(child[0]) if isinstance(child, np.ndarray) else leaves(child)[0] for child in children]


merged = []
with tempfile.TemporaryDirectory() as folder:
    for number, (text, tree) in enumerate(trees.items()):
        path = f"{folder}/{number}"
        with ocp.StandardCheckpointer() as checkpointer:
            checkpointer.save(path, tree)
        with ocp.StandardCheckpointer() as checkpointer:
            restored = checkpointer.restore(path, tree)
        pair = leaves(restored)
        merged.append(pair[0] == pair[1])
        values = "one value twice" if merged[-1] else "2 different values"
        print(f"{text:28} saved: 2 different values, restored:", values)
sys.exit(0 if merged == [True, True, False] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
