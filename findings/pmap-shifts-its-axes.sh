#!/usr/bin/env bash
# jax.pmap maps a broadcast argument, without an error, if another argument is None.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, two devices of the CPU, Python 3.12, CPU.
#
# Behaviour:
#   A function takes parameters, one table for all devices, and an optional mask. It is mapped with
#   in_axes=(0, None, 0). The parameters are two arrays, a weight and a bias. One expects that each device gets the
#   whole table, as with jax.vmap, whether a mask is given or not.
#
#   Where the mask is None, each device gets one row of the table and the biases of all devices, and the result is wrong.
#   No error is raised, since the table has as many rows as there are devices. With another number of rows the same call
#   is refused, for a sharding that nobody asked for.
#
#   The source: `_get_in_axes_flat` of jax/_src/pmap.py takes in_axes as one axis a leaf as soon as there are as many
#   leaves as arguments. A None has no leaf, and a pair has two, so the counts agree (2 + 1 + 0 = 3) while the axes move
#   along by one. With a parameter less, or a mask, the counts differ, and the axes are found by the slow way, which is
#   right. The docstring of jax.pmap has None in in_axes as an argument that is broadcast.
#
# Output seen:
#   parameters    mask   vmap            pmap
#   weight, bias  array  [61.0, 61.0]    [61.0, 61.0]
#   weight        None   [60.0, 60.0]    [60.0, 60.0]
#   weight, bias  None   [61.0, 61.0]    [[21.0, 21.0], [41.0, 41.0]]
#   three rows    None   [121.0, 121.0]  ValueError
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


def step(parameters, table, mask):
    """The sum of the table, times the weight, plus the bias."""
    weight, *bias = parameters
    kept = table if mask is None else table * mask
    return weight * jnp.sum(kept) + sum(bias)


def result(transform, *args):
    try:
        return str(transform(step, in_axes=(0, None, 0))(*args).tolist())
    except ValueError:
        return "ValueError"


weight, bias, mask = jnp.full(2, 2.0), jnp.ones(2), jnp.ones(2)
two, three = jnp.array([10.0, 20.0]), jnp.array([10.0, 20.0, 30.0])
calls = {
    "weight, bias": ((weight, bias), two, mask),
    "weight": ((weight,), two, None),
    "weight, bias ": ((weight, bias), two, None),
    "three rows": ((weight, bias), three, None),
}
seen = []
print("parameters    mask   vmap            pmap")
for name, args in calls.items():
    given = "None" if args[2] is None else "array"
    seen.append((result(jax.vmap, *args), result(jax.pmap, *args)))
    print(f"{name:14}{given:7}{seen[-1][0]:16}{seen[-1][1]}")
as_vmap, shifted = ("[61.0, 61.0]",) * 2, "[[21.0, 21.0], [41.0, 41.0]]"
wanted = [as_vmap, ("[60.0, 60.0]",) * 2, (as_vmap[0], shifted)]
sys.exit(0 if seen == [*wanted, ("[121.0, 121.0]", "ValueError")] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
