#!/usr/bin/env bash
# nnx.switch over a list of experts fails in Flax's default mode; with graph_updates=False, and in jax, it works.
#
# Date: 2026-11-30
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A mixture of experts is a list of modules, and a module is a function: `nnx.switch(index, experts, x)`. The docstrings
#   of nnx.cond and nnx.switch ask for functions, jax.lax.switch takes the same list, and a module is what nnx.jit,
#   nnx.remat, nnx.vmap, nnx.scan and nnx.grad take as their function. One expects one expert's output.
#
#   With graph updates, the default, it is `TypeError: 'NodeStates' object is not callable`, which names nothing that the
#   program has. Where the operand shares a Variable with an expert, it is `KeyError: 1`. With graph_updates=False, or
#   graph=False, the output is right. So it is if each expert is given as its bound method, `expert.__call__`.
#
#   The source: `cond` and `switch` in flax/nnx/transforms/transforms.py hand the branches to an inner function that
#   `general.split_inputs` wraps. That takes every module among its arguments apart, and a branch that is a module becomes
#   the state of one. A bound method is none of Flax's nodes, and passes.
#
# Output seen:
#                        cond                                                switch
#   default              TypeError: 'NodeStates' object is not callable      TypeError: 'NodeStates' object is not callable
#   shared operand       KeyError: 1                                         KeyError: 1
#   graph_updates=False  right                                               right
#   graph=False          right                                               right
#   bound methods        right                                               right
#   jax.lax              right                                               right
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
"$folder/venv/bin/python" - <<'PROGRAM'
import sys

import jax
import jax.numpy as jnp
from flax import nnx


class Expert(nnx.Module):
    def __init__(self, scale):
        self.scale = nnx.Param(jnp.array(scale))

    def __call__(self, x):
        return self.scale[...] * (x[...] if isinstance(x, nnx.Variable) else x)


def told(call, operand=None):
    experts = [Expert(2.0), Expert(3.0)]
    x = jnp.array(5.0) if operand is None else operand(experts)
    try:
        out = call(experts, x)
    except (TypeError, KeyError) as error:
        return f"{type(error).__name__}: {error}"
    return "right" if float(out) == 15.0 else f"wrong: {out}"


def bound(experts):
    return [expert.__call__ for expert in experts]


def shared(experts):
    return experts[0].scale


WAYS = {
    "default": lambda cond, switch: (told(cond()), told(switch())),
    "shared operand": lambda cond, switch: (told(cond(), shared), told(switch(), shared)),
    "graph_updates=False": lambda cond, switch: (
        told(cond(graph_updates=False)),
        told(switch(graph_updates=False)),
    ),
    "graph=False": lambda cond, switch: (told(cond(graph=False)), told(switch(graph=False))),
    "bound methods": lambda cond, switch: (
        told(lambda experts, x: cond()(bound(experts), x)),
        told(lambda experts, x: switch()(bound(experts), x)),
    ),
}


def cond(**mode):
    return lambda experts, x: nnx.cond(jnp.array(False), experts[0], experts[1], x, **mode)


def switch(**mode):
    return lambda experts, x: nnx.switch(jnp.array(1), experts, x, **mode)


seen = {name: way(cond, switch) for name, way in WAYS.items()}
seen["jax.lax"] = (
    told(lambda experts, x: jax.lax.cond(jnp.array(False), experts[0], experts[1], x)),
    told(lambda experts, x: jax.lax.switch(jnp.array(1), experts, x)),
)
print(f"{'':20} {'cond':51} switch")
for name, (one, other) in seen.items():
    print(f"{name:20} {one:51} {other}")
no_function = "TypeError: 'NodeStates' object is not callable"
expected = {name: ("right", "right") for name in seen}
expected |= {"default": (no_function,) * 2, "shared operand": ("KeyError: 1",) * 2}
sys.exit(0 if seen == expected else 1)
PROGRAM
