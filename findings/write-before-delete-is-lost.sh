#!/usr/bin/env bash
# A write to a Variable is lost if the function then deletes the attribute that holds it.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A function moves a cache out of a module: it writes the last value to the Variable, and deletes the attribute. The
#   caller holds the Variable by another name, and one expects the value there, as in plain Python. Graph mode promises
#   that updates reach the caller's objects.
#
#   nnx.jit, nnx.remat and nnx.cond delete the attribute of the caller's module, and leave the old value in the Variable,
#   without a word. Without graph updates the value arrives, and the attribute stays, as is documented. With the deletion
#   left out the value arrives in both modes.
#
#   The source: with graph updates what a function changed comes out as the state of what its arguments hold afterwards
#   (`extract.to_tree` in flax/nnx/extract.py), and a Variable that nothing holds any more is no part of that.
#
# Output seen:
#              graph updates       value   attribute
#   jit        True                0.0     gone
#   jit        False               1.0     there
#   jit        True, no deletion   1.0     there
#   remat      True                0.0     gone
#   cond       True                0.0     gone
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


class Cell(nnx.Module):
    def __init__(self, held):
        self.held = held


def write(cell):
    cell.held[...] = cell.held[...] + 1


def move(cell):
    write(cell)
    del cell.held


calls = {
    ("jit", "True"): lambda c: nnx.jit(move)(c),
    ("jit", "False"): lambda c: nnx.jit(move, graph_updates=False)(c),
    ("jit", "True, no deletion"): lambda c: nnx.jit(write)(c),
    ("remat", "True"): lambda c: nnx.remat(move)(c),
    ("cond", "True"): lambda c: nnx.cond(True, move, move, c),
}
seen = []
print("           graph updates       value   attribute")
for (name, updates), call in calls.items():
    held = nnx.Variable(jnp.array(0.0))
    cell = Cell(held)
    call(cell)
    seen.append((float(held[...]), hasattr(cell, "held")))
    print(f"{name:11}{updates:20}{seen[-1][0]:<8}{'there' if seen[-1][1] else 'gone'}")
lost, arrives = (0.0, False), (1.0, True)
sys.exit(0 if seen == [lost, arrives, arrives, lost, lost] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
