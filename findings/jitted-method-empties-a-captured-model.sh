#!/usr/bin/env bash
# A model whose method is jitted loses all its attributes when a gradient by its input fails.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A model has @nnx.jit on its __call__, which reads its weights and writes nothing. One wants the gradient by
#   the input (a saliency map, an adversarial example): jax.grad(lambda x: model(x).sum())(x). The model is
#   reached by closure, which Flax allows for reading; without the decorator this works. One expects the
#   gradient, or an error that leaves the model as it was.
#
#   It raises TraceContextError, "Cannot mutate Param from a different trace level", although nothing is
#   mutated, and the model has no attribute left: vars(model) is empty. The same happens with
#   nnx.remat on the method, and under jax.jit and nnx.jit around the call. A program that catches the error goes on with an empty model.
#
#   A transform with graph updates writes what comes out back to the caller's object. _graph_unflatten in
#   flax/nnx/graphlib.py clears the node first, then sets its attributes one by one; a Variable of an outer
#   trace may not be set, and nothing puts the attributes back. With graph_updates=False the gradient is right.
#
# Output seen:
#   no decorator: [1.0, 1.0], attributes ['w']
#   nnx.remat: TraceContextError, attributes []
#   nnx.jit: TraceContextError, attributes []
#   nnx.jit, graph_updates=False: [1.0, 1.0], attributes ['w']
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
import functools
import sys

import jax
import jax.numpy as jnp
from flax import nnx

DECORATORS = {
    "no decorator": lambda f: f,
    "nnx.remat": nnx.remat,
    "nnx.jit": nnx.jit,
    "nnx.jit, graph_updates=False": functools.partial(nnx.jit, graph_updates=False),
}


def model_with(decorator):
    class Model(nnx.Module):
        def __init__(self):
            self.w = nnx.Param(jnp.ones(2))

        @decorator
        def __call__(self, x):
            return x * self.w[...]

    return Model()


seen = {}
for name, decorator in DECORATORS.items():
    model = model_with(decorator)
    try:
        gradient = jax.grad(lambda x: model(x).sum())(jnp.ones(2)).tolist()
    except Exception as error:
        gradient = type(error).__name__
    left = [k for k in vars(model) if not k.startswith("_")]
    seen[name] = gradient, left
    print(f"{name}: {gradient}, attributes {left}")
right = ([1.0, 1.0], ["w"])
lost = ("TraceContextError", [])
wanted = dict.fromkeys(DECORATORS, right) | {"nnx.remat": lost, "nnx.jit": lost}
sys.exit(0 if seen == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
