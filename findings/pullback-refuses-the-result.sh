#!/usr/bin/env bash
# The pullback of nnx.vjp refuses a cotangent of the very form that the function returned.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.vjp gives the result of a function and its pullback. Where the function returns a Variable, or a new module, the
#   pullback is to be given a cotangent of that form; the result itself has it. One expects the derivatives, as there are
#   where the function returns arrays.
#
#   With graph_updates=False the pullback raises ValueError, "unexpected tree structure": the original output had a
#   `TreeState`, a class of Flax's own that the caller has never been given. The same call with graph=False works, and so
#   does a result of arrays. There is no form of the user's that the pullback accepts.
#
#   The source: nnx.vjp (flax/nnx/transforms/autodiff.py) takes the objects in the result apart in the function that jax
#   differentiates, and does not take apart what the pullback is given.
#
# Output seen:
#                graph_updates=False                         graph=False
#   an array    18.0                                        18.0
#   a tuple     20.0                                        20.0
#   a Variable  ValueError: unexpected tree structure.      18.0
#   a dict      ValueError: unexpected tree structure.      18.0
#   a module    ValueError: unexpected tree structure.      18.0
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

MODES = {"graph_updates=False": {"graph_updates": False}, "graph=False": {"graph": False}}


class Scale(nnx.Module):
    def __init__(self, w):
        self.w = nnx.Param(w)


FUNCTIONS = {
    "an array": lambda x, m: m.w[...] * x,
    "a tuple": lambda x, m: (m.w[...] * x, x),
    "a Variable": lambda x, m: nnx.Param(m.w[...] * x),
    "a dict": lambda x, m: {"w": nnx.Param(m.w[...] * x)},
    "a module": lambda x, m: Scale(m.w[...] * x),
}


def derivative(f, mode):
    result, pullback = nnx.vjp(f, 2.0, Scale(jnp.float32(3.0)), **mode)
    try:
        return str(float(pullback(result)[0]))
    except ValueError as refused:
        return f"{type(refused).__name__}: {str(refused).splitlines()[0]}"


seen = {}
for name, f in FUNCTIONS.items():
    seen[name] = [derivative(f, mode) for mode in MODES.values()]
    print(f"{name:12}" + "".join(f"{cell:44}" for cell in seen[name]).rstrip())

refused = "ValueError: unexpected tree structure."
wanted = {"an array": ["18.0", "18.0"], "a tuple": ["20.0", "20.0"]}
wanted |= {name: [refused, "18.0"] for name in ("a Variable", "a dict", "a module")}
sys.exit(0 if seen == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
