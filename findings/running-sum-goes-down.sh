#!/usr/bin/env bash
# jnp.cumsum of numbers that are not negative goes down, from 1,000 numbers on, and changes where a 0 is added.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A running sum of durations, counts or weights is the axis of a plot, the table of a search or of an interpolation.
#   Rounding of a sum cannot change its order: if nothing negative is added the sum does not fall, and adding 0 changes
#   nothing. So it is in numpy, and in a loop of jax. One expects the same of jnp.cumsum, with other roundings.
#
#   Of 1,000 weights, half of which are 0, the sum goes down in 2 places, and changes in 4 where the weight is 0. Of
#   100,000 they are 408 and 805. jnp.searchsorted and jnp.interp ask for a table in order, and do not say that they
#   have got another one. A difference of two entries is negative, and an entry of weight 0 owns a piece of the table.
#
#   The source: on the CPU jnp.cumsum is one window reduction (`cumred_reduce_window_impl` in
#   jax/_src/lax/control_flow/loops.py), and XLA cuts it into blocks of 16. The last entry of a block and the first of
#   the next are sums in a different order. All the places are multiples of 16. jax.lax.associative_scan, which adds in
#   a tree, is worse.
#
# Output seen:
#   places where the sum                   1,000                10,000               100,000
#                         goes down, moves at 0 goes down, moves at 0 goes down, moves at 0
#   numpy                         0          0          0          0          0          0
#   lax.scan                      0          0          0          0          0          0
#   associative_scan             12         25        138        250       1280       2617
#   jnp.cumsum                    2          4         53         89        408        805
#   jit(jnp.cumsum)               2          4         53         89        408        805
#   places of jnp.cumsum are multiples of 16: True
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
import numpy as np


def loop(x):
    return jax.lax.scan(lambda total, each: (total + each,) * 2, jnp.float32(0), x)[1]


ways = {
    "numpy": lambda x: np.cumsum(x),
    "lax.scan": jax.jit(loop),
    "associative_scan": jax.jit(lambda x: jax.lax.associative_scan(jnp.add, x)),
    "jnp.cumsum": jnp.cumsum,
    "jit(jnp.cumsum)": jax.jit(jnp.cumsum),
}
seen = {name: [] for name in ways}
multiples = True
sizes = (1_000, 10_000, 100_000)
for size in sizes:
    generator = np.random.RandomState(1)
    x = generator.rand(size).astype(np.float32)
    x[generator.rand(size) < 0.5] = 0
    for name, way in ways.items():
        steps = np.diff(np.asarray(way(jnp.asarray(x) if "numpy" != name else x)))
        moved = np.flatnonzero((steps != 0) & (x[1:] == 0)) + 1
        seen[name].append((int((steps < 0).sum()), len(moved)))
        if "cumsum" in name:
            multiples = multiples and bool(np.all(moved % 16 == 0))

print(f"{'places where the sum':22}" + "".join(f"{size:>22,}" for size in sizes))
print(f"{'':22}" + "goes down, moves at 0 " * len(sizes))
for name, row in seen.items():
    print(f"{name:22}" + "".join(f"{down:>9}{moved:>11}  " for down, moved in row))
print("places of jnp.cumsum are multiples of 16:", multiples)
calm = all(pair == (0, 0) for name in ("numpy", "lax.scan") for pair in seen[name])
fall = all(min(pair) > 0 for name in ("jnp.cumsum", "jit(jnp.cumsum)") for pair in seen[name])
sys.exit(0 if calm and fall and multiples else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
