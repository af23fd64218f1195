#!/usr/bin/env bash
# What nnx.jit has compiled does not tell its arguments: reading args_info raises a TypeError.
#
# Date: 2026-11-30
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A training step is compiled ahead, and the program asks which of its arguments are donated. jax.jit tells that in
#   args_info, of what is lowered and of what is compiled. nnx.jit has objects of the same stages with the same names.
#
#   What is lowered tells it. What is compiled raises a TypeError, "exceptions must derive from BaseException", in each
#   mode, and so does what nnx.jit_partial has compiled. jax's own object inside (`compiled.compiled`) has the answer.
#   All else that the object tells (as_text, cost_analysis, out_tree, output_shardings) is right.
#
#   The source: `args_info` of `Compiled`, `SimpleCompiled` and `SimplePartialCompiled` in
#   flax/nnx/transforms/compilation.py has `raise` where the one of `Lowered` has `return`.
#
# Output seen:
#   mode                      lowered     compiled                                             inside of it
#   default                   donated     TypeError: exceptions must derive from BaseException donated
#   without graph updates     donated     TypeError: exceptions must derive from BaseException donated
#   tree mode                 donated     TypeError: exceptions must derive from BaseException donated
#   jit_partial, tree mode    not donated TypeError: exceptions must derive from BaseException not donated
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

BATCH = jnp.ones((1, 2))


def step(model, batch):
    model.bias[...] = model.bias[...] + 1.0
    return model(batch)


def donated(stage):
    try:
        told = [info.donated for info in jax.tree.leaves(stage.args_info)]
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "donated" if any(told) else "not donated"


def row(lowered):
    compiled = lowered.compile()
    return donated(lowered), donated(compiled), donated(compiled.compiled)


MODES = {
    "default": {},
    "without graph updates": {"graph_updates": False},
    "tree mode": {"graph": False, "graph_updates": False},
}
model = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
rows = {
    name: row(nnx.jit(step, donate_argnums=0, **mode).lower(model, BATCH)) for name, mode in MODES.items()
}
rows["jit_partial, tree mode"] = row(nnx.jit_partial(step, model, **MODES["tree mode"]).lower(BATCH))

print(f"{'mode':<26}{'lowered':<12}{'compiled':<53}inside of it")
for name, told in rows.items():
    print(f"{name:<26}{told[0]:<12}{told[1]:<53}{told[2]}")
raised = "TypeError: exceptions must derive from BaseException"
right = "donated"
wanted = dict.fromkeys(MODES, (right, raised, right)) | {"jit_partial, tree mode": ("not donated", raised, "not donated")}
sys.exit(rows != wanted)
PROGRAM
"$folder/venv/bin/python" -W ignore "$folder/program.py"
