#!/usr/bin/env bash
# jax.device_get turns the mean of a bfloat16 array from 1 into 0.0026.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, ml-dtypes 0.6.0, Python 3.12, CPU.
#
# Behaviour:
#   A training loop fetches its metrics by jax.device_get and reduces them on the host: losses.mean(),
#   activations.std(). numpy adds up float16 pairwise and in float32 for a mean, and jax does so for
#   bfloat16. One expects the mean on the host to be that on the device, but for rounding.
#
#   A fetched bfloat16 array is a numpy array of the dtype of ml_dtypes, whose addition is a plain loop that
#   rounds each partial sum to 8 bits. A sum of ones stops at 256, and mean divides that by the length; std
#   and var follow. Nothing warns, and the numbers look like small losses: the longer the run, the smaller.
#   Of float16, with as many bytes, numpy gives 1. mean(dtype=np.float32) is the remedy.
#
# Output seen:
#                  ones: device  host    uniform: device  host    std of uniform: device  host
#   float32               1.0000    1.0000        0.4995    0.4995            0.2890    0.2890
#   float16               1.0000    1.0000        0.4995    0.4995            0.2891    0.2891
#   bfloat16              1.0000    0.0026        0.5000    0.0026            0.2891    0.0505
#   bfloat16 on the host, dtype=np.float32: mean of ones 1.0
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'ml-dtypes==0.6.0')
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

print("               ones: device  host    uniform: device  host    std of uniform: device  host")
rows = {}
for dtype in (jnp.float32, jnp.float16, jnp.bfloat16):
    ones = jnp.ones(100_000, dtype)
    uniform = jax.random.uniform(jax.random.key(0), (100_000,)).astype(dtype)
    row = []
    for array, reduce in ((ones, "mean"), (uniform, "mean"), (uniform, "std")):
        fetched = jax.device_get(array)
        assert isinstance(fetched, np.ndarray) and fetched.dtype == array.dtype
        row += [float(getattr(array, reduce)()), float(getattr(fetched, reduce)())]
    rows[dtype] = row
    print(f"{jnp.dtype(dtype).name:18}", *(f"{value:{width}.4f}" for value, width in zip(row, (9, 9, 13, 9, 17, 9))))
wide = jax.device_get(jnp.ones(100_000, jnp.bfloat16)).mean(dtype=np.float32)
print("bfloat16 on the host, dtype=np.float32: mean of ones", wide)
wider = (rows[jnp.float32], rows[jnp.float16])
right = all(abs(device - host) < 0.01 for row in wider for device, host in zip(row[::2], row[1::2]))
row = rows[jnp.bfloat16]
sys.exit(0 if right and wide == 1 and row[0] == 1 and max(row[1], row[3]) < 0.01 and row[5] < row[4] / 2 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
