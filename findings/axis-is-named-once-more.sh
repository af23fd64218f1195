#!/usr/bin/env bash
# nnx.transform_metadata names the axis of a shared layer once more with each call, and takes a StateAxes for nothing.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU. The function came with flax 0.12.6.
#
# Behaviour:
#   nnx.transform_metadata takes the name of an axis out of the partition names while its function runs, and puts it back
#   afterwards. A call on a layer leaves the names as they were.
#
#   Given one stacked layer twice, as the encoder and the decoder of a tied model, it takes the name out once and puts it
#   back twice. After three steps a weight of two axes has five names, and nothing is said.
#
#   Given an nnx.StateAxes in in_axes, which nnx.vmap and nnx.scan take in graph mode, it changes no name at all: the
#   function sees the name of the axis that is gone. The number 0 in its place does what one expects.
#
#   The source: `transform_metadata` in flax/nnx/transforms/iteration.py removes the names from what
#   `extract.to_tree2` made, where each Variable stands once, and adds them to what `from_tree2` made, where it stands at
#   both places. `_apply_axis_fn` passes over an axis that is no int.
#
# Output seen:
#   two layers, three steps:  ('layers', 'in')
#   one layer twice:          ('layers', 'layers', 'layers', 'layers', 'in')
#   in the function, in_axes=0:           ('in',)
#   in the function, in_axes=StateAxes:   ('layers', 'in')
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
        self.weight = nnx.Param(jnp.ones((2, 3)), out_sharding=("layers", "in"), eager_sharding=False)


def names(layer):
    return layer.weight.get_metadata("out_sharding")


def step(encoder, decoder):
    return None


follow = nnx.transform_metadata(step, in_axes=0, out_axes=0, partition="layers")
encoder, decoder, tied = Layer(), Layer(), Layer()
for _ in range(3):
    follow(encoder, decoder)
    follow(tied, tied)
print("two layers, three steps: ", names(encoder))
print("one layer twice:         ", names(tied))

inside = {}
for told, axes in (("0", 0), ("StateAxes", nnx.StateAxes({nnx.Param: 0, ...: None}))):
    look = nnx.transform_metadata(names, in_axes=(axes,), out_axes=None, partition="layers")
    inside[told] = look(Layer())
    print(f"in the function, in_axes={told + ':':13}{inside[told]}")
wanted = {"0": ("in",), "StateAxes": ("layers", "in")}
as_stated = names(encoder) == ("layers", "in") and names(tied) == (*["layers"] * 4, "in") and inside == wanted
sys.exit(0 if as_stated else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
