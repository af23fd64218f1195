#!/usr/bin/env bash
# A layer with param_dtype=bfloat16 starts with weights below 0 on the average: 16,384 of them sum below 0 in each unit.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   The weights of a new nnx.Linear are drawn from a normal distribution about 0. In bfloat16 each of them is coarse,
#   and one expects as many sums above 0 as below, since the roundings of a symmetric distribution are symmetric.
#
#   Of the units with 4,096 inputs 86% give a negative number for an input of ones, and with 16,384 inputs all of 256
#   do; a relu behind such a layer is dead for inputs that are positive. The bias is 1.7% of the deviation of a weight,
#   and it grows with the number of inputs, where the deviation of the sum grows with its root. jax.random.normal in
#   bfloat16 has the mean -0.011 and no draw above 2.52, so that noise in bfloat16 drifts. A layer that is made in
#   float32 and then cast is right.
#
#   The source: `_uniform` in jax/_src/random/core.py makes a number of as many random bits as the dtype has in its
#   mantissa, here 7, and so one of 128 numbers from 0 to 1 - 1/128. They lie lower by half a step than they should,
#   1/256. `_normal_real` and `_truncated_normal` stretch them to the interval about 0 and keep that. In float32 the
#   step is 1/8,388,608.
#
# Output seen:
#   units below 0            float32   float16  bfloat16
#   256 inputs                  0.55      0.48      0.60
#   1,024 inputs                0.54      0.51      0.73
#   4,096 inputs                0.54      0.59      0.86
#   16,384 inputs               0.52      0.61      1.00
#   65,536 inputs               0.54      0.71      1.00
#   normal, float32   mean  0.0001, from -4.85 to  5.22, different numbers 3,181,546
#   normal, float16   mean -0.0018, from -3.49 to  3.18, different numbers 1,024
#   normal, bfloat16  mean -0.0111, from -2.89 to  2.52, different numbers 128
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

units = 256


def share_below_zero(width, dtype):
    """The share of the units of a new layer whose output is negative, for an input of ones."""
    layer = nnx.Linear(width, units, param_dtype=dtype, rngs=nnx.Rngs(0))
    return float(jnp.mean(jnp.sum(layer.kernel[...].astype(jnp.float32), axis=0) < 0))


dtypes = (jnp.float32, jnp.float16, jnp.bfloat16)
print(f"{'units below 0':22}" + "".join(f"{dtype.__name__:>10}" for dtype in dtypes))
shares = {}
for width in (256, 1_024, 4_096, 16_384, 65_536):
    shares[width] = [share_below_zero(width, dtype) for dtype in dtypes]
    print(f"{f'{width:,} inputs':22}" + "".join(f"{share:>10.2f}" for share in shares[width]))

seen = {}
for dtype in dtypes:
    draws = jax.random.normal(jax.random.key(0), (4_000_000,), dtype)
    wide = draws.astype(jnp.float32)
    numbers = len(jnp.unique(wide))
    seen[dtype.__name__] = (numbers, float(wide.mean()), float(wide.min()), float(wide.max()))
    print(
        f"normal, {dtype.__name__:9} mean {wide.mean():7.4f}, from {wide.min():5.2f} to {wide.max():5.2f}, "
        f"different numbers {numbers:,}"
    )
plain, _, lean = shares[16_384]
ok = 0.4 < plain < 0.6 and lean > 0.9 and shares[65_536][2] > 0.99
ok = ok and seen["bfloat16"][0] == 128 and -0.013 < seen["bfloat16"][1] < -0.009 and seen["bfloat16"][3] < 2.52
sys.exit(0 if ok and abs(seen["float32"][1]) < 0.003 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
