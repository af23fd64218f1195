#!/usr/bin/env bash
# A branch of nnx.cond that is not taken freezes a layer, if its Variables hold references; flax 0.12.8 refused it.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU; and flax 0.12.8 with jax 0.10.2.
#
# Behaviour:
#   A training step freezes the encoder once the loss is small: nnx.cond calls a function that marks a captured Variable
#   by set_metadata(frozen=True). A condition is a number of the trace, and metadata is none. So Flax refuses it
#   (TraceContextError: "Cannot mutate Param from a different trace level") for a Variable without a reference, and one
#   expects the same where nnx.Param(..., ref=True) holds a reference.
#
#   flax 0.12.8 refuses both. flax 0.12.12 lets the Variable with a reference pass, in every mode: jax traces both
#   branches, so the mark is set though the loss is large, and the encoder is never trained. nnx.switch, and a loop that
#   makes no trip, do the same. Nothing is said. A value that such a branch writes is right: the reference takes it only
#   if the branch runs.
#
#   The source: `Variable._check_can_update` in flax/nnx/variablelib.py asks for a valid trace only if the Variable holds
#   no reference (since 0.12.9), and `set_metadata` asks nothing else. A reference carries the number alone.
#
# Output seen:
#   flax 0.12.8
#   without a reference  TraceContextError
#   with a reference     TraceContextError
#   flax 0.12.12
#   without a reference  TraceContextError
#   with a reference     the large loss froze the encoder: True, and wrote to it: False
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
install() {
  if command -v uv >/dev/null; then
    uv venv -q -p "$python" "$folder/$1" && uv pip install -q -p "$folder/$1/bin/python" "${@:2}" || exit 2
  else
    "$python" -m venv "$folder/$1" && "$folder/$1/bin/pip" install -q "${@:2}" || exit 2
  fi
}
install old 'flax==0.12.8' 'jax==0.10.2' 'jaxlib==0.10.2' 'optax==0.2.8'
install new 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'optax==0.2.8'

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import flax
import jax.numpy as jnp
from flax import nnx

LARGE = jnp.array(5.0)


class Model(nnx.Module):
    def __init__(self, ref):
        self.encoder = nnx.Param(jnp.ones(2), ref=ref)


def step(model, loss, mode):
    def freeze():
        model.encoder.set_metadata(frozen=True)
        if model.encoder.ref:
            model.encoder[...] = jnp.zeros(2)
        return loss

    return nnx.cond(loss < 0.1, freeze, lambda: loss, **mode)


def told(ref, mode):
    model = Model(ref)
    try:
        step(model, LARGE, mode)
    except flax.errors.TraceContextError:
        return "TraceContextError"
    marked = model.encoder.get_metadata().get("frozen", False)
    written = bool((model.encoder[...] != 1).any())
    return f"the large loss froze the encoder: {marked}, and wrote to it: {written}"


print("flax", flax.__version__)
seen = {}
for ref, words in ((False, "without a reference"), (True, "with a reference")):
    each = {told(ref, mode) for mode in ({}, {"graph_updates": False}, {"graph": False})}
    seen[ref] = each.pop() if len(each) == 1 else f"differs by mode: {sorted(each)}"
    print(f"{words:20} {seen[ref]}")
passes = "the large loss froze the encoder: True, and wrote to it: False"
expected = "TraceContextError" if flax.__version__ == "0.12.8" else passes
sys.exit(0 if seen == {False: "TraceContextError", True: expected} else 1)
PROGRAM
for name in old new; do
  "$folder/$name/bin/python" "$folder/program.py"
done
