#!/usr/bin/env bash
# nnx.jit refuses in_shardings if static_argnums is the number 0, and takes them if it is the tuple (0,).
#
# Date: 2026-11-30
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A function has a static argument, the number of steps say, and one for each batch, which is to lie on the devices in
#   a certain way. in_shardings has an entry for each argument that is not static, as jax asks. The docstring of nnx.jit
#   has static_argnums as a number or several.
#
#   With static_argnums=0 the call is refused: "pytree structure error: different lengths of tuple". With (0,) the same
#   call is right, and so it is with the number 1 where the static argument stands second, with jax.jit, and in the modes
#   without graph updates. The words name no option and no argument.
#
#   The source: the constructor of `JitWrapped` in flax/nnx/transforms/compilation.py puts None into in_shardings for
#   each static argument, if `static_argnums or static_argnames`. The number 0 counts as none there.
#
# Output seen:
#   static_argnums   nnx.jit      without graph updates   tree mode    jax.jit
#   0                refused      [2. 2.]                 [2. 2.]      [2. 2.]
#   (0,)             [2. 2.]      [2. 2.]                 [2. 2.]      [2. 2.]
#   1                [2. 2.]      [2. 2.]                 [2. 2.]      [2. 2.]
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

DEVICE = jax.sharding.SingleDeviceSharding(jax.devices()[0])
BATCH = jnp.ones(2)


def steps_first(steps, batch):
    return batch * steps


def steps_second(batch, steps):
    return batch * steps


def told(jit, static, **options):
    function, args = (steps_second, (BATCH, 2)) if static == 1 else (steps_first, (2, BATCH))
    try:
        return str(jit(function, static_argnums=static, in_shardings=(DEVICE,), **options)(*args))
    except ValueError as error:
        return "refused" if "different lengths of tuple" in str(error) else str(error)


print("static_argnums   nnx.jit      without graph updates   tree mode    jax.jit")
seen = []
for static in (0, (0,), 1):
    row = [
        told(nnx.jit, static),
        told(nnx.jit, static, graph_updates=False),
        told(nnx.jit, static, graph=False),
        told(jax.jit, static),
    ]
    seen.append(row)
    print(f"{static!s:<17}{row[0]:<13}{row[1]:<24}{row[2]:<13}{row[3]}")

right = "[2. 2.]"
sys.exit(0 if seen == [["refused", right, right, right], [right] * 4, [right] * 4] else 1)
PROGRAM
"$folder/venv/bin/python" -W ignore "$folder/program.py"
