#!/usr/bin/env bash
# A forward derivative at a number of Python fails in a jit if a shard_map gets the number.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, two devices of the CPU, Python 3.12, CPU.
#
# Behaviour:
#   A function multiplies the rows of an array by a temperature in a jax.shard_map. In a jit its derivative by the
#   temperature is taken at 1.5. One expects the same numbers from jvp, linearize, jacfwd, vjp and grad, and the same
#   whether 1.5 is a number of Python or of numpy, and with or without the shard_map.
#
#   jax.jvp, jax.linearize and jax.jvp of jax.grad raise AssertionError, "non-canonical constant of type float: 1.5", if
#   the number is Python's and the shard_map is there. jacfwd, vjp and grad of the same function take the same number, and
#   so does jvp outside of a jit. The assertion names neither the derivative nor the shard_map.
#
#   The source: jvp and linearize keep a number of Python as it is. Under a jit, shard_map's trace hands its operands on
#   as they are, and a jaxpr takes no number of Python for a constant (`new_const` in jax/_src/interpreters/partial_eval.py).
#
# Output seen:
#                in a jit        not in a jit    1.5 of numpy    no shard_map
#   jvp          AssertionError  -2.542          -2.542          -2.542
#   linearize    AssertionError  -2.542          -2.542          -2.542
#   jvp of grad  AssertionError  7.236           7.236           7.236
#   jacfwd       -2.542          -2.542          -2.542          -2.542
#   vjp          -2.542          -2.542          -2.542          -2.542
#   grad         -2.542          -2.542          -2.542          -2.542
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
from jax.sharding import Mesh, PartitionSpec

MESH = Mesh(np.array(jax.devices()), ("rows",))
ROWS, WHOLE = PartitionSpec("rows"), PartitionSpec()
LOGITS = jnp.arange(4.0)


def rows(temperature, logits):
    return jnp.sin(temperature * logits)


def over_devices(temperature):
    mapped = jax.shard_map(rows, mesh=MESH, in_specs=(WHOLE, ROWS), out_specs=ROWS)
    return jnp.sum(mapped(temperature, LOGITS))


def alone(temperature):
    return jnp.sum(rows(temperature, LOGITS))


DERIVATIVES = {
    "jvp": lambda f, at: jax.jvp(f, (at,), (type(at)(1.0),))[1],
    "linearize": lambda f, at: jax.linearize(f, at)[1](type(at)(1.0)),
    "jvp of grad": lambda f, at: jax.jvp(jax.grad(f), (at,), (type(at)(1.0),))[1],
    "jacfwd": lambda f, at: jax.jacfwd(f)(at),
    "vjp": lambda f, at: jax.vjp(f, at)[1](jnp.ones(()))[0],
    "grad": lambda f, at: jax.grad(f)(at),
}


def result(run):
    try:
        return f"{float(run()):.3f}"
    except AssertionError as error:
        return type(error).__name__


def row(name, derivative):
    number, array = 1.5, np.float32(1.5)
    return [
        result(jax.jit(lambda: derivative(over_devices, number))),
        result(lambda: derivative(over_devices, number)),
        result(jax.jit(lambda: derivative(over_devices, array))),
        result(jax.jit(lambda: derivative(alone, number))),
    ]


heads = ("in a jit", "not in a jit", "1.5 of numpy", "no shard_map")
print(f"{'':13}" + "".join(f"{head:16}" for head in heads).rstrip())
seen = {}
for name, derivative in DERIVATIVES.items():
    seen[name] = row(name, derivative)
    print(f"{name:13}" + "".join(f"{cell:16}" for cell in seen[name]).rstrip())

right = {"jvp of grad": "7.236"}
wanted = {
    name: [
        "AssertionError" if name in ("jvp", "linearize", "jvp of grad") else right.get(name, "-2.542"),
        *[right.get(name, "-2.542")] * 3,
    ]
    for name in DERIVATIVES
}
sys.exit(0 if seen == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
