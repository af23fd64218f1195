#!/usr/bin/env bash
# A loss that returns a module it has made cannot be differentiated in one of three modes.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.grad and nnx.value_and_grad with has_aux=True hand back a second result of any kind. A loss returns a
#   module that it has made: adapted fast weights of a meta-learner, collected metrics, a copy of the model by
#   nnx.clone. One expects to get it, as from nnx.jit.
#
#   With graph updates (the default) and with graph=False it comes back. With graph_updates=False alone it is
#   refused: "RuntimeError: GraphDef index 0 already used". The message names nothing of the program's. nnx.jit
#   and nnx.remat with the same options return such a module. So code that moves from the default to
#   graph_updates=False, the goal of FLIP 5310, has to go on to graph=False or to return a State.
#
#   SimpleGradFn in flax/nnx/transforms/autodiff.py makes one tree of the loss and the aux, and gives the aux
#   to from_tree2 again after jax.grad, where the indices of its graph definition have been taken already.
#
# Output seen:
#   graph=True, graph_updates=True: grad Fast, value_and_grad Fast, jit Fast
#   graph=True, graph_updates=False: grad RuntimeError, value_and_grad RuntimeError, jit Fast
#   graph=False, graph_updates=False: grad Fast, value_and_grad Fast, jit Fast
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


class Fast(nnx.Module):
    def __init__(self, w):
        self.w = nnx.Param(w)


def loss(model):
    return model.w[...].sum(), Fast(model.w[...] - 0.1)


def tried(make):
    try:
        return type(make()).__name__
    except RuntimeError as error:
        assert "GraphDef index 0 already used" in str(error), error
        return "RuntimeError"


seen = []
for graph, updates in ((True, True), (True, False), (False, False)):
    options = {"graph": graph, "graph_updates": updates}
    model = Fast(jnp.ones(2))
    row = (
        tried(lambda: nnx.grad(loss, has_aux=True, **options)(model)[1]),
        tried(lambda: nnx.value_and_grad(loss, has_aux=True, **options)(model)[0][1]),
        tried(lambda: nnx.jit(loss, **options)(model)[1]),
    )
    seen.append(row)
    print(f"graph={graph}, graph_updates={updates}: grad {row[0]}, value_and_grad {row[1]}, jit {row[2]}")
fine = ("Fast",) * 3
sys.exit(0 if seen == [fine, ("RuntimeError", "RuntimeError", "Fast"), fine] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
