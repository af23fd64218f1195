#!/usr/bin/env bash
# nnx.capture of a compiled step gives what an earlier capture asked for: no outputs of methods, or all of them.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.capture(step, nnx.Intermediate) gives what a step sows, and with method_outputs also what each method of each
#   module returns. These are two questions, and one expects each to get its own answer, as for a plain function.
#
#   A step that is compiled by nnx.jit, or wrapped by nnx.remat, answers both with the answer to the first. Asked for
#   sown values at first and for the methods later, it gives an empty State; the other way round it gives three arrays
#   that nobody asked for. Nothing is raised. It is so in each of the three modes, and for as long as the step lives.
#
#   The source: `capture` in flax/nnx/module.py puts wrappers that sow into the classes of the modules for the time of
#   the call (`_add_capturing`). A traced step that jax has kept does not call them. What makes jax trace again is the
#   graph definition of the model, and that holds the empty container of the captures, but not which methods are
#   wrapped.
#
# Output seen:
#                          with methods   without      without   with methods
#                                 first      then        first           then
#   jit   default                     3          3            0              0
#   remat default                     3          3            0              0
#   jit   graph_updates=False         3          3            0              0
#   remat graph_updates=False         3          3            0              0
#   jit   graph=False                 3          3            0              0
#   remat graph=False                 3          3            0              0
#   plain function                    3          0            0              3
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


class Net(nnx.Module):
    def __init__(self):
        self.a = nnx.Linear(2, 3, rngs=nnx.Rngs(0))
        self.b = nnx.Linear(3, 1, rngs=nnx.Rngs(1))

    def __call__(self, x):
        return self.b(jax.nn.relu(self.a(x)))


def captured(step, model, methods):
    outputs = nnx.Intermediate if methods else None
    _, state = nnx.capture(step, nnx.Intermediate, method_outputs=outputs)(model, jnp.ones((1, 2)))
    return len(nnx.to_flat_state(state))


def counts(compiler, methods_first):
    step, model = compiler(lambda model, x: model(x)), Net()
    first = captured(step, model, methods_first)
    return first, captured(step, model, not methods_first)


seen = {}
print("                       with methods   without      without   with methods")
print("                              first      then        first           then")
for name, mode in MODES.items():
    for text, compiler in (("jit", nnx.jit), ("remat", nnx.remat)):
        row = counts(lambda f: compiler(f, **mode), True) + counts(lambda f: compiler(f, **mode), False)
        seen[name, text] = row
        print(f"{text:6}{name:20}{row[0]:9}{row[1]:11}{row[2]:13}{row[3]:15}")
row = counts(lambda f: f, True) + counts(lambda f: f, False)
print(f"{'plain function':26}{row[0]:9}{row[1]:11}{row[2]:13}{row[3]:15}")
ok = row == (3, 0, 0, 3) and all(each == (3, 3, 0, 0) for each in seen.values())
sys.exit(0 if ok else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
