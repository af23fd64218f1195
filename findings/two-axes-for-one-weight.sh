#!/usr/bin/env bash
# nnx.StateAxes with two axes for one tied weight: the path that is met first decides for both, and nothing is said.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU. flax 0.12.1 has it too, and 0.12.0 refuses.
#
# Behaviour:
#   A model holds one weight at two paths, as encoder and as decoder. nnx.StateAxes maps it along axis 0 for the encoder
#   and along axis 1 for the decoder, the transpose. One Variable cannot be two slices, and Flax documents no choice.
#   One expects what flax 0.12.0 says: "Inconsistent aliasing detected", with both paths and their axes. Two arguments
#   that hold one weight are refused so to this day.
#
#   Within one argument the function gets the same slice at both paths. It is that of the decoder's axis, as the decoder
#   comes first in the alphabet: columns where the encoder asks for rows, and the whole weight where the decoder is
#   broadcast. The result has the shape that one expects, if the weight is square.
#
#   The source: `check_consistent_aliasing` in flax/nnx/extract.py compares the axes of all paths that `iter_graph`
#   yields. In 0.12.0 that walk went through each module once and met a Variable at each of its paths. Now `_iter_graph`
#   in flax/nnx/graphlib.py notes Variables as visited too, so there is one path, and nothing to compare.
#
# Output seen:
#   encoder  decoder         the function gets for the encoder, for the decoder
#   0        1        vmap   columns, columns
#   0        1        scan   columns, columns
#   1        0        vmap   rows, rows
#   1        0        scan   rows, rows
#   0        None     vmap   all of it, all of it
#   0        None     scan   all of it, all of it
#   two arguments with two axes: Inconsistent aliasing detected. The following nodes have different prefixes:
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


class Model(nnx.Module):
    def __init__(self):
        self.encoder = nnx.Param(jnp.arange(4.0).reshape(2, 2))
        self.decoder = self.encoder


class Holder(nnx.Module):
    def __init__(self, weight):
        self.weight = weight


def read_one(model, x):
    return model.encoder[...], model.decoder[...]


def read_two(first, second):
    return first.weight[...], second.weight[...]


def rows(axes, transform):
    if transform == "vmap":
        call = nnx.vmap(read_one, in_axes=(axes, 0))
    else:
        call = nnx.scan(read_one, in_axes=(axes, 0), out_axes=0)
    return [out.tolist() for out in call(Model(), jnp.ones(2))]


whole = [[0.0, 1.0], [2.0, 3.0]]
names = {str(whole): "rows", "[[0.0, 2.0], [1.0, 3.0]]": "columns", str([whole] * 2): "all of it"}
seen = []
print(f"{'encoder':9}{'decoder':9}{'':7}the function gets for the encoder, for the decoder")
for encoder, decoder in ((0, 1), (1, 0), (0, None)):
    axes = nnx.StateAxes({nnx.PathContains("encoder"): encoder, nnx.PathContains("decoder"): decoder})
    for transform in ("vmap", "scan"):
        seen.append([names[str(out)] for out in rows(axes, transform)])
        print(f"{encoder!s:9}{decoder!s:9}{transform:7}{seen[-1][0]}, {seen[-1][1]}")
weight = nnx.Param(jnp.arange(4.0).reshape(2, 2))
try:
    nnx.vmap(read_two, in_axes=(nnx.StateAxes({...: 0}), nnx.StateAxes({...: 1})))(Holder(weight), Holder(weight))
    refused = "accepted"
except ValueError as error:
    refused = str(error).splitlines()[0]
print("two arguments with two axes:", refused)
wanted = [[name] * 2 for name in ("columns", "rows", "all of it") for _ in range(2)]
sys.exit(0 if seen == wanted and refused.startswith("Inconsistent aliasing detected.") else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
