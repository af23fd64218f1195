#!/usr/bin/env bash
# The mean of 500 ones is NaN in float8_e4m3fn, and the sum of 1,000 ones is 64 in float8_e5m2.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   jnp.sum and jnp.mean of float16 and bfloat16 add up in float32 and round once at the end, so that the
#   mean of ones is 1 at any length. float8 arrays, as they stand in a quantised cache or kernel, are the
#   ones that need this most: e5m2 has three significant bits. jnp.dot adds up in float32 for them. One
#   expects the same of sum and mean.
#
#   They add up in float8. _upcast_f16 (jax/_src/numpy/reductions.py) knows the two 16-bit types alone. The
#   sum of ones stops at a power of two that depends on the order in which the backend adds, and mean divides
#   by the number of elements as a float8: above 448 that is NaN in e4m3fn, which ends there and has no
#   infinity (so its dot of 1,000 ones is NaN by right). The argument dtype=jnp.float32 is the remedy.
#
# Output seen:
#                    sum of 1,000   dot   mean of 400   mean of 500   mean of 4,000 uniform numbers
#   float16                  1000  1000             1             1        0.4946
#   bfloat16                 1000  1000             1             1        0.4941
#   float8_e5m2                64  1024        0.1562         0.125        0.0625
#   float8_e4m3fn             256   nan        0.5625           nan           nan
#   float8_e4m3fn, dtype=jnp.float32: mean of 1,000 ones 1.0
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
import sys

import jax
import jax.numpy as jnp

print("                 sum of 1,000   dot   mean of 400   mean of 500   mean of 4,000 uniform numbers")
rows = {}
for dtype in (jnp.float16, jnp.bfloat16, jnp.float8_e5m2, jnp.float8_e4m3fn):
    ones = jnp.ones(1000, dtype)
    uniform = jax.random.uniform(jax.random.key(0), (4000,)).astype(dtype)
    row = [ones.sum(), jnp.dot(ones, ones), ones[:400].mean(), ones[:500].mean(), uniform.mean()]
    rows[dtype] = [float(value) for value in row]
    cells = (f"{value:{width}.4g}" for value, width in zip(rows[dtype], (13, 5, 13, 13, 13)))
    print(f"{jnp.dtype(dtype).name:15}", *cells)
wide = jnp.ones(1000, jnp.float8_e4m3fn).mean(dtype=jnp.float32)
print("float8_e4m3fn, dtype=jnp.float32: mean of 1,000 ones", wide)
right = all(abs(rows[dtype][-1] - 0.5) < 0.02 and rows[dtype][0] == 1000 for dtype in (jnp.float16, jnp.bfloat16))
e5m2, e4m3 = rows[jnp.float8_e5m2], rows[jnp.float8_e4m3fn]
wrong = e5m2[0] < 500 and e5m2[3] < 0.6 and e4m3[0] < 500 and e4m3[3] != e4m3[3]
sys.exit(0 if right and wide == 1 and wrong and e5m2[1] == 1024 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
