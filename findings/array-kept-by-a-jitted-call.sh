#!/usr/bin/env bash
# A module that keeps its last activation works in nnx.jit once.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A module that writes self.last = y in its __call__, to look at it later, works outside of jit, and its
#   attribute is an array that counts as data. One expects the same under nnx.jit, whose purpose is to carry
#   such changes out, and nnx.is_data documents that an array is data.
#
#   The first call returns, and leaves a tracer in self.last. The second call raises: "Cache keys should be
#   comparable using __eq__". nnx.is_data of a tracer is False: is_node_leaf in flax/nnx/graphlib.py asks
#   isinstance against a typing.Union, which does not see that a tracer is a jax.Array. So a new attribute
#   that gets a traced array becomes static metadata. An array that is assigned in __init__ makes the
#   attribute data once for all, and all is well.
#
# Output seen:
#   nnx.is_data outside and inside of jit: True False
#   declared in __init__: False
#     after the first call: a tracer
#     second call: ValueError: Cache keys should be comparable using __eq__
#   declared in __init__: True
#     after the first call: an array
#     second call: returns
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
    def __init__(self, declare):
        self.w = nnx.Param(jnp.ones(2))
        if declare:
            self.last = jnp.zeros(2)

    def __call__(self, x):
        self.last = x * self.w[...]
        return self.last.sum()


call = nnx.jit(lambda model, x: model(x))
x = jnp.ones(2)
told = [nnx.is_data(x)]
jax.jit(lambda x: told.append(nnx.is_data(x)))(x)
print("nnx.is_data outside and inside of jit:", *told)

seen = []
for declare in (False, True):
    model = Model(declare)
    call(model, x)
    kind = "a tracer" if isinstance(model.last, jax.core.Tracer) else "an array"
    try:
        call(model, x)
        second = "returns"
    except ValueError as error:
        second = f"{type(error).__name__}: {str(error).split('. ')[0]}"
    seen.append((kind, second[:10]))
    print(f"declared in __init__: {declare}\n  after the first call: {kind}\n  second call: {second}")
sys.exit(0 if seen == [("a tracer", "ValueError"), ("an array", "returns")] and told == [True, False] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
