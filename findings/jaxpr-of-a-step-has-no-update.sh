#!/usr/bin/env bash
# nnx.make_jaxpr of a training step has no update of the model in it, and is refused unless graph_updates is turned off.
#
# Date: 2026-11-30
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.5, Python 3.12, CPU.
#
# Behaviour:
#   A step changes a model and its optimizer in place and returns the loss. The docstring calls nnx.make_jaxpr a lifted
#   version of jax.make_jaxpr for functions of modules. Somebody reads the jaxpr to see what the step computes, runs it,
#   or lets XLA count its operations.
#
#   The jaxpr takes the four arrays and returns the loss alone. What nnx.jit of the same function changes, three of the
#   arrays, is no result of it: to run the jaxpr trains nothing, and what XLA compiles of it has no backward pass. Nothing
#   is said. The object that is given is left as it was.
#
#   The call with no option is refused, for graph updates are on by default. So it is with graph=False, though the
#   docstring says that graph_updates has no effect there; jit, grad, scan and the others take graph=False alone.
#
#   The source: `make_jaxpr` in flax/nnx/transforms/transforms.py refuses before it looks at `graph`, and
#   `SimpleMakeJaxprFn` returns what the function returns, while the classes beside it return the updates, too.
#
# Output seen:
#   no option                          refused: nnx.make_jaxpr does not support graph_updates=True.
#   graph=False                        refused: nnx.make_jaxpr does not support graph_updates=True.
#   graph_updates=False                4 arrays in, 1 out
#   graph=False, graph_updates=False   4 arrays in, 1 out
#   arrays that nnx.jit changes        3
#   products in the jaxpr              2
#   products that XLA keeps of it      1
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'optax==0.2.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
import jax.extend.core
import jax.numpy as jnp
import optax
from flax import nnx

X = jnp.ones((4, 2))
OFF = {"graph_updates": False}


def made():
    model = nnx.Linear(2, 1, rngs=nnx.Rngs(0))
    return model, nnx.Optimizer(model, optax.sgd(0.1), wrt=nnx.Param)


def step(model, optimizer, x):
    loss, grads = nnx.value_and_grad(lambda m: jnp.mean(m(x) ** 2), **OFF)(model)
    optimizer.update(model, grads)
    return loss


def asked(options):
    try:
        traced = nnx.make_jaxpr(step, **options)(*made(), X)
    except ValueError as error:
        return f"refused: {error}"
    return f"{len(traced.in_avals)} arrays in, {len(traced.out_avals)} out"


def changed():
    objects = made()
    before = jax.tree.leaves(nnx.to_pure_dict(nnx.state(objects)))
    nnx.jit(step, **OFF)(*objects, X)
    after = jax.tree.leaves(nnx.to_pure_dict(nnx.state(objects)))
    return sum(bool((a != b).any()) for a, b in zip(before, after, strict=True))


def products(traced):
    return sum(str(equation.primitive) == "dot_general" for equation in traced.jaxpr.eqns)


def products_kept(traced):
    arrays = [jnp.zeros(aval.shape, aval.dtype) for aval in traced.in_avals]
    compiled = jax.jit(jax.extend.core.jaxpr_as_fun(traced)).lower(*arrays).compile()
    return compiled.as_text().count(" dot(")


OPTIONS = ({}, {"graph": False}, OFF, {"graph": False, **OFF})
traced = nnx.make_jaxpr(step, **OFF)(*made(), X)
rows = [(", ".join(f"{k}={v}" for k, v in each.items()) or "no option", asked(each)) for each in OPTIONS]
rows += [
    ("arrays that nnx.jit changes", changed()),
    ("products in the jaxpr", products(traced)),
    ("products that XLA keeps of it", products_kept(traced)),
]
for name, told in rows:
    print(f"{name:35}{told}")

refused, short = "refused: nnx.make_jaxpr does not support graph_updates=True.", "4 arrays in, 1 out"
sys.exit(0 if [told for _, told in rows] == [refused, refused, short, short, 3, 2, 1] else 1)
PROGRAM
"$folder/venv/bin/python" -W ignore "$folder/program.py"
