#!/usr/bin/env bash
# checkify refuses a loop or a cond with a shard_map or a pmap in it, if a check stands before it.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, two devices of the CPU, Python 3.12, CPU.
#
# Behaviour:
#   A function checks that its step size is positive, and then runs a loop whose body doubles the rows of an array, a
#   device each. jax.experimental.checkify makes the check an error value that the function returns. One expects the
#   result and no error, whether the check stands before the loop or after it.
#
#   With the check before it, a scan or a fori_loop raises TypeError, because a bool[] of its carry comes out as bool[2];
#   a while_loop and a cond raise ValueError, "Cannot lower jaxpr with verifier errors". The user has no such bool. With the
#   check after it, or with jax.vmap in the body, or without a loop, all is well.
#
#   The source: checkify's rule for shard_map, which pmap is made of (`shard_map_error_check` in jax/_src/checkify.py), takes
#   the error values in whole and gives them back with an axis for the devices. A loop has to hand on what it was given, and
#   the two branches of a cond have to agree, so neither can hold such a rule.
#
# Output seen:
#              shard_map               pmap                    vmap
#   scan       TypeError, [4.0, 4.0]   TypeError, [4.0, 4.0]   [4.0, 4.0], [4.0, 4.0]
#   while      ValueError, [4.0, 4.0]  ValueError, [4.0, 4.0]  [4.0, 4.0], [4.0, 4.0]
#   cond       ValueError, [2.0, 2.0]  ValueError, [2.0, 2.0]  [2.0, 2.0], [2.0, 2.0]
#   no loop    [2.0, 2.0], [2.0, 2.0]  [2.0, 2.0], [2.0, 2.0]  [2.0, 2.0], [2.0, 2.0]
#
# Each pair is of the check before and after.
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import os
import sys

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import checkify
from jax.sharding import Mesh, PartitionSpec

MESH = Mesh(np.array(jax.devices()), ("rows",))
ROWS = PartitionSpec("rows")


def shard_map(f):
    return jax.shard_map(f, mesh=MESH, in_specs=ROWS, out_specs=ROWS)


def pmap(f):
    return lambda x: jax.pmap(f)(x)


def scan(step, x):
    return jax.lax.scan(lambda carry, _: (step(carry), None), x, None, length=2)[0]


def loop(step, x):
    return jax.lax.while_loop(lambda carry: jnp.sum(carry) < 5.0, step, x)


def cond(step, x):
    return jax.lax.cond(jnp.sum(x) > 0.0, step, lambda y: y, x)


def no_loop(step, x):
    return step(x)


def result(around, transform, before):
    def program(size, x):
        if before:
            checkify.check(size > 0.0, "the step size is not positive")
        x = around(transform(lambda row: row * 2.0), x)
        if not before:
            checkify.check(size > 0.0, "the step size is not positive")
        return x

    try:
        error, x = checkify.checkify(program)(jnp.float32(1.0), jnp.ones(2))
    except (TypeError, ValueError) as refused:
        return type(refused).__name__
    error.throw()
    return str(x.tolist())


seen = {}
print("           shard_map               pmap                    vmap")
for name, around in (("scan", scan), ("while", loop), ("cond", cond), ("no loop", no_loop)):
    seen[name] = [
        f"{result(around, transform, True)}, {result(around, transform, False)}"
        for transform in (shard_map, pmap, jax.vmap)
    ]
    print(f"{name:11}" + "".join(f"{cell:24}" for cell in seen[name]))


def expected(error, right):
    return [f"{error}, {right}", f"{error}, {right}", f"{right}, {right}"]


four, two = "[4.0, 4.0]", "[2.0, 2.0]"
wanted = {
    "scan": expected("TypeError", four),
    "while": expected("ValueError", four),
    "cond": expected("ValueError", two),
    "no loop": expected(two, two),
}
sys.exit(0 if seen == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
