#!/usr/bin/env bash
# nnx.vmap and nnx.scan do not map over a plain array of a module that is made inside of jit.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#
#   A stack of three layers keeps weights in a Param and fixed scales in a plain array. Outside of jit nnx.vmap and
#   nnx.scan give each layer its own scale: an array is data, as nnx.is_data says. To build a model under nnx.jit is
#   what the guide on sharding recommends, and one expects the same numbers from a stack that is built there.
#
#   Under jax.jit and nnx.jit each layer gets the scales of all three. Nothing raises, since the shapes broadcast.
#   is_node_leaf (flax/nnx/graphlib.py) asks isinstance against a typing.Union, which does not see that a tracer is a
#   jax.Array, so the attribute becomes static metadata of the module: it belongs to the graph definition, which no axis
#   splits. nnx.state leaves it out, and a checkpoint with it. A module that nnx.jit returns has a dead tracer there.
#   self.scale = nnx.data(array) or a Variable avoids it; Flax 0.12.3 with jax 0.8.3 was right, and 0.12.5 with jax
#   0.9.1 is not. array-kept-by-a-jitted-call.sh shows an error with the same cause.
#
# Output seen:
#                         nnx.vmap         nnx.scan  nnx.state has
#   made in: as it is     [1.0, 2.0, 3.0]       6.0 ['scale', 'weight']
#   made in: jax.jit      [6.0, 6.0, 6.0]      18.0 ['weight']
#   made in: nnx.jit      [6.0, 6.0, 6.0]      18.0 ['weight']
#   the scale of a module that nnx.jit returned: DynamicJaxprTracer
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


class Stack(nnx.Module):
    """Three layers in one object: a weight and a scale for each."""

    def __init__(self):
        self.weight = nnx.Param(jnp.array([1.0, 1.0, 1.0]))
        self.scale = jnp.array([1.0, 2.0, 3.0])


def in_jit(function, jit, read):
    """The same function, with all that it calls traced by jit."""
    seen = []

    def run():
        stack = Stack()
        seen.append(sorted(nnx.to_pure_dict(nnx.state(stack))))
        return function(stack)

    return read(jit(run)()), seen[0]


def each(stack):
    return nnx.vmap(lambda stack: (stack.weight * stack.scale).sum())(stack)


def total(stack):
    def layer(total, stack):
        return total + (stack.weight * stack.scale).sum()

    return nnx.scan(layer, in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)(jnp.array(0.0), stack)


rows = {}
print("                      nnx.vmap         nnx.scan  nnx.state has")
for name, jit in (("as it is", lambda f: f), ("jax.jit", jax.jit), ("nnx.jit", nnx.jit)):
    mapped, names = in_jit(each, jit, lambda x: x.tolist())
    scanned, _ = in_jit(total, jit, lambda x: x.item())
    rows[name] = mapped, scanned, names
    print(f"made in: {name:12} {mapped}  {scanned:8} {names}")
model = nnx.jit(lambda: Stack())()
left = type(model.scale).__name__
print("the scale of a module that nnx.jit returned:", left)
right = rows["as it is"] == ([1.0, 2.0, 3.0], 6.0, ["scale", "weight"])
wrong = all(rows[name] == ([6.0, 6.0, 6.0], 18.0, ["weight"]) for name in ("jax.jit", "nnx.jit"))
sys.exit(0 if right and wrong and "Tracer" in left else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
