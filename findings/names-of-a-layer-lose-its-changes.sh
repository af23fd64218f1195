#!/usr/bin/env bash
# nnx.transform_metadata in graph mode, the default, drops what the function does to a module, but for plain values.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU. The function came with flax 0.12.6.
#
# Behaviour:
#   nnx.transform_metadata is the decorator that lets partition names follow the axis of nnx.vmap and nnx.scan. In graph
#   mode a transform brings all that the function does to a module back to the caller: values, new attributes, replaced
#   Variables. nnx.jit does so, and the decorator has no option that would say otherwise, as graph_updates does.
#
#   With the decorator below nnx.jit four kinds of changes are lost, and nothing is said: a Param that the function adds,
#   one that it replaces, a number that it sets, and what it writes to a Variable with ref=True. What it writes to an
#   ordinary Variable arrives, so a step seems to work. The decorated function alone does the same.
#
#   The source: `transform_metadata` in flax/nnx/transforms/iteration.py runs the function on a clone of its arguments
#   and brings back `extract.get_updates` alone, the values of Variables. That leaves out Variables that hold a
#   reference, as other transforms share the reference with the caller; `graphlib.clone` copies it.
#
# Output seen:
#                              nnx.jit    and transform_metadata
#   value of a Variable        arrives    arrives
#   new Param                  arrives    lost
#   Param in another's place   arrives    lost
#   number                     arrives    lost
#   value behind a reference   arrives    lost
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


class Layer(nnx.Module):
    def __init__(self):
        self.count = nnx.BatchStat(jnp.zeros(2))
        self.weight = nnx.Param(jnp.zeros(2))
        self.seen = nnx.BatchStat(jnp.zeros(2), ref=True)
        self.steps = 0


def write(layer):
    layer.count[...] += 1


def add(layer):
    layer.cache = nnx.Cache(jnp.ones(()))


def replace(layer):
    layer.weight = nnx.Param(jnp.ones(2))


def number(layer):
    layer.steps = 1


def reference(layer):
    layer.seen[...] += 1


changes = {
    "value of a Variable": (write, lambda layer: float(layer.count[0]) == 1),
    "new Param": (add, lambda layer: hasattr(layer, "cache")),
    "Param in another's place": (replace, lambda layer: float(layer.weight[0]) == 1),
    "number": (number, lambda layer: layer.steps == 1),
    "value behind a reference": (reference, lambda layer: float(layer.seen[0]) == 1),
}


def outcome(change, arrived, named):
    layer = Layer()
    step = nnx.transform_metadata(change, in_axes=0, out_axes=0, partition="layers") if named else change
    nnx.jit(step)(layer)
    alone = Layer()
    if named:
        step(alone)
        assert arrived(alone) == arrived(layer)
    return "arrives" if arrived(layer) else "lost"


print(f"{'':27}{'nnx.jit':11}and transform_metadata")
table = {}
for name, (change, arrived) in changes.items():
    table[name] = outcome(change, arrived, False), outcome(change, arrived, True)
    print(f"{name:27}{table[name][0]:11}{table[name][1]}")
wanted = {name: ("arrives", "arrives" if k == 0 else "lost") for k, name in enumerate(changes)}
sys.exit(0 if table == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
