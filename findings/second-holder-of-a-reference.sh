#!/usr/bin/env bash
# A call without graph updates empties the second of two modules that hold the same array reference.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A model is made with references (`ref=True`), so that a write is seen by all who hold the reference. A second view of
#   it is made with jax.tree.map(lambda x: x, model): other Variables, the same references. A function that only reads gets
#   both. One expects the results that two names of one model give, or a refusal, and both models as they were.
#
#   With graph_updates=False nnx.jit, nnx.remat, nnx.cond, nnx.vmap and nnx.grad return the right number. But each Variable
#   of the second model holds `Repeated()` afterwards, a placeholder of Flax, and reading it fails. The default mode
#   keeps both. graph=False refuses the call where jax does ("only one reference to a mutable array ..."), and keeps both.
#
#   The source: the flattening of a graph (`_graph_flatten` in flax/nnx/graphlib.py) puts a placeholder in the place of a
#   reference that it has met already, and the update of the caller's Variables stores it.
#
# Output seen:
#            default                    graph_updates=False        graph=False
#   jit      12.0, 2.0                  12.0, Repeated()           ValueError, 2.0
#   remat    12.0, 2.0                  12.0, Repeated()           ValueError, 2.0
#   cond     12.0, 2.0                  12.0, Repeated()           ValueError, 2.0
#   vmap     12.0, 2.0                  12.0, Repeated()           12.0, 2.0
#   grad     12.0, 2.0                  12.0, Repeated()           12.0, 2.0
#
# Each pair is what the call returns, and what the second model holds afterwards.
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
import jax.numpy as jnp
from flax import nnx

MODES = {"default": {}, "graph_updates=False": {"graph_updates": False}, "graph=False": {"graph": False}}


class Scale(nnx.Module):
    def __init__(self):
        self.w = nnx.Param(jnp.array(2.0), ref=True)


def product(x, a, b):
    return x * a.w[...] * b.w[...]


CALLS = {
    "jit": lambda a, b, **mode: nnx.jit(product, **mode)(3.0, a, b),
    "remat": lambda a, b, **mode: nnx.remat(product, **mode)(3.0, a, b),
    "cond": lambda a, b, **mode: nnx.cond(True, product, product, 3.0, a, b, **mode),
    "vmap": lambda a, b, **mode: nnx.vmap(product, in_axes=(0, None, None), **mode)(3.0 * jnp.ones(1), a, b)[0],
    "grad": lambda a, b, **mode: 3.0 * nnx.grad(product, **mode)(3.0, a, b),
}


def row(call, mode):
    model = Scale()
    view = jax.tree.map(lambda x: x, model)
    assert view.w is not model.w and view.w.get_raw_value() is model.w.get_raw_value()
    try:
        returned = str(float(call(model, view, **mode)))
    except ValueError as refused:
        returned = type(refused).__name__
    raw = view.w.get_raw_value()
    return [returned, repr(raw) if type(raw).__name__ == "Repeated" else str(float(raw[...]))]


seen = {}
for name, call in CALLS.items():
    seen[name] = [row(call, mode) for mode in MODES.values()]
    print(f"{name:9}" + "".join(f"{', '.join(pair):27}" for pair in seen[name]).rstrip())

right, emptied, refused = ["12.0", "2.0"], ["12.0", "Repeated()"], ["ValueError", "2.0"]
wanted = {name: [right, emptied, right if name in ("vmap", "grad") else refused] for name in CALLS}
sys.exit(0 if seen == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
