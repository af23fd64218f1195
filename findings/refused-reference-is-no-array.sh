#!/usr/bin/env bash
# A refused nnx.remat leaves in a Variable with a reference something that is no array, and the model is lost.
#
# Date: 2026-11-30
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU. flax 0.12.9 is the first with it.
#
# Behaviour:
#   A function under nnx.remat gets the model as its argument, and reaches it by closure as well. It assigns
#   a Variable of the one to the other: m.w = model.w, which changes nothing, since both are one object. The
#   Variable holds a reference (ref=True). jax refuses, for good reason: a reference "was both closed over
#   and passed as the argument". One mends the function and goes on with the model.
#
#   The model cannot be used any more. model.w holds an object of Flax's own, ArrayRefOutput, which
#   stands for the result of the call that never was. Reading the Variable fails. nnx.cond, nnx.switch and
#   nnx.fori_loop do the same; nnx.jit refuses and leaves the Variable alone, and so does nnx.remat with
#   graph_updates=False. Without the assignment the same refusal leaves the model whole.
#
# Output seen:
#   refused: ValueError
#   the Variable holds: ArrayRefOutput
#   read: TypeError
#   without the assignment, refused: ValueError, holds: Ref
#   graph_updates=False, refused: ValueError, holds: Ref
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


class Model(nnx.Module):
    def __init__(self):
        self.w = nnx.Param(jnp.ones(2), ref=True)


def attempt(call):
    """The name of what is raised."""
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return "nothing"


def after_refusal(assigned, **mode):
    """What is raised, and the model."""
    model = Model()

    def step(m):
        if assigned:
            m.w = model.w
        return jnp.sum(model.w[...])

    return attempt(lambda: nnx.remat(step, **mode)(model)), model


def held(model):
    return type(model.w.get_raw_value()).__name__


raised, model = after_refusal(assigned=True)
print("refused:", raised)
print("the Variable holds:", held(model))
print("read:", attempt(lambda: jax.block_until_ready(model.w[...] + 1)))
plainly, whole = after_refusal(assigned=False)
print(f"without the assignment, refused: {plainly}, holds: {held(whole)}")
other, kept = after_refusal(assigned=True, graph_updates=False)
print(f"graph_updates=False, refused: {other}, holds: {held(kept)}")
sys.exit(0 if (held(model), held(whole), held(kept)) == ("ArrayRefOutput", "Ref", "Ref") else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
