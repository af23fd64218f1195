#!/usr/bin/env bash
# jnp.histogram stops at 16,777,216 in a bin, and jnp.histogram2d counts on.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A histogram of 20 million activations has one tall bin, as they have with a relu: most are 0. numpy counts in
#   int64, jnp.bincount in int32, so one expects whole counts here as well.
#
#   jnp.histogram returns float32 counts, and a bin that has reached 2**24 = 16,777,216 stays there, as one more
#   does not change such a float. The total is too small, a density is wrong in all of its bins, as it is divided by that
#   total, and nothing warns. jnp.histogram2d of the same numbers is right: it counts with jnp.bincount, in int32.
#   The cause is in jnp.histogram (jax/_src/numpy/lax_numpy.py), which makes weights of ones in the dtype of
#   the data and adds them up one by one. float16 data stops at 2,048 in a bin, bfloat16 at 256.
#
# Output seen:
#   jnp.histogram:   float32 [16777216, 1000000, 1000000]
#   numpy.histogram: int64 [18000000, 1000000, 1000000]
#   density, integrated: 1.0  share of zeros: 0.8935
#   jnp.histogram2d: int32 [18000000, 1000000, 1000000]
#   10,000 zeros of float16: float16 2048
#   10,000 zeros of bfloat16: bfloat16 256
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

import jax.numpy as jnp
import numpy as np

zeros, others = 18_000_000, 2_000_000
data = jnp.concatenate([jnp.zeros(zeros), jnp.linspace(0.1, 1.0, others)])
edges = jnp.array([-0.05, 0.05, 0.55, 1.05])

counts = jnp.histogram(data, edges)[0]
right = np.histogram(np.asarray(data), np.asarray(edges))[0]
density = jnp.histogram(data, edges, density=True)[0]
print("jnp.histogram:  ", counts.dtype, [int(count) for count in counts])
print("numpy.histogram:", right.dtype, right.tolist())
print("density, integrated:", float((density * jnp.diff(edges)).sum()), " share of zeros:", round(float(density[0] * 0.1), 4))
wide = jnp.array([-1.0, 2.0])
both = jnp.histogram2d(data, data, [edges, wide])[0]
print("jnp.histogram2d:", both.dtype, [int(count) for count in both[:, 0]])
for dtype in (jnp.float16, jnp.bfloat16):
    few = jnp.histogram(jnp.zeros(10_000, dtype), edges.astype(dtype))[0]
    print(f"10,000 zeros of {jnp.dtype(dtype)}:", few.dtype, int(few[0]))
sys.exit(0 if int(counts[0]) == 2**24 and int(both[0, 0]) == zeros else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
