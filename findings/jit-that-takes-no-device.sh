#!/usr/bin/env bash
# nnx.jit takes the options device and backend, and refuses any value of theirs: both are given on with shardings.
#
# Date: 2026-11-30
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   The docstring of nnx.jit describes device ("the Device the jitted function will run on") and backend. One
#   puts a model's step onto a device with nnx.jit(step, device=jax.devices()[0]).
#
#   Each value is refused, in every mode: "If backend or device is specified on jit, then out_shardings
#   should not be specified", though nobody has specified any. jax.jit takes the same call. nnx.jit gives
#   out_shardings and in_shardings of its own to jax.jit in each case (JitWrapped and SimpleJitWrapped in
#   flax/nnx/transforms/compilation.py), and jax takes them for asked for even where they hold None.
#
# Output seen:
#   jax.jit, device: [2. 2.]
#   nnx.jit, device: ValueError
#   nnx.jit, device, graph=False: ValueError
#   jax.jit, backend: [2. 2.]
#   nnx.jit, backend: ValueError
#   nnx.jit, backend, graph=False: ValueError
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
import warnings

import jax
import jax.numpy as jnp
from flax import nnx

warnings.filterwarnings("ignore")


def attempt(jit, **options):
    """The result, or the name of what is raised."""
    try:
        return str(jit(lambda x: x + 1, **options)(jnp.ones(2)))
    except Exception as error:
        assert "out_shardings should not be specified" in str(error)
        return type(error).__name__


right = True
for name, value in (("device", jax.devices()[0]), ("backend", "cpu")):
    plain = attempt(jax.jit, **{name: value})
    graph = attempt(nnx.jit, **{name: value})
    tree = attempt(nnx.jit, graph=False, **{name: value})
    print(f"jax.jit, {name}: {plain}")
    print(f"nnx.jit, {name}: {graph}")
    print(f"nnx.jit, {name}, graph=False: {tree}")
    right &= (plain, graph, tree) == ("[2. 2.]", "ValueError", "ValueError")
sys.exit(0 if right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
