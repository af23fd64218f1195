#!/usr/bin/env bash
# The attention weights of a node with 3,000 neighbours sum to 11.7 in jraph, if the graph is in bfloat16.
#
# Date: 2026-11-28
#
# Versions: jraph 0.0.6.dev0, e3nn-jax 0.21.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A graph network in bfloat16 averages the messages that a node gets, or weighs them by a softmax over its
#   neighbours. jnp.mean and jax.nn.softmax add up bfloat16 in float32. One expects weights that sum to 1, and a mean
#   within a percent, for a node with any number of neighbours.
#
#   jraph.segment_softmax gives weights that sum to 3.9 for 1,000 neighbours. jraph.segment_mean of ones and twos is
#   2.0 in the place of 1.5, and e3nn.scatter_mean of ones is 0.085 for 3,000. All three divide by a sum of segments,
#   which is a scatter in the dtype of the messages and rounds each partial sum to 8 bits: a sum of ones stops at 256.
#   In segment_mean both sums stop, at 512 and 256. Nothing warns. Nodes with a hundred neighbours are right, and so
#   is a test on a small graph; the hubs of a large one are not.
#
# Output seen:
#   neighbours   jraph.segment_softmax, sum   jraph.segment_mean of 1, 2, 1 ...   e3nn.scatter_mean of 1
#   float32     100                1.000                    1.500                        1.000
#   float32     256                1.000                    1.500                        1.000
#   float32    1000                1.000                    1.500                        1.000
#   float32    3000                1.000                    1.500                        1.000
#   bfloat16    100                1.001                    1.500                        1.000
#   bfloat16    256                1.000                    1.664                        1.000
#   bfloat16   1000                3.906                    2.000                        0.256
#   bfloat16   3000               11.719                    2.000                        0.085
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
packages=('jraph==0.0.6.dev0' 'e3nn-jax==0.21.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import e3nn_jax as e3nn
import jax
import jax.numpy as jnp
import jraph
import numpy as np

seen = {}
print("neighbours   jraph.segment_softmax, sum   jraph.segment_mean of 1, 2, 1 ...   e3nn.scatter_mean of 1")
for dtype in (jnp.float32, jnp.bfloat16):
    for count in (100, 256, 1000, 3000):
        to = jnp.zeros(count, jnp.int32)
        weights = jraph.segment_softmax(jnp.zeros(count, dtype), to, num_segments=1)
        values = jnp.asarray(np.arange(count) % 2 + 1, dtype)
        mean = jraph.segment_mean(values, to, num_segments=1)
        ones = e3nn.IrrepsArray("0e", jnp.ones((count, 1), dtype))
        scattered = e3nn.scatter_mean(ones, dst=to, output_size=1)
        row = float(np.asarray(weights, np.float64).sum()), float(mean[0]), float(scattered.array[0, 0])
        seen[jnp.dtype(dtype).name, count] = row
        print(f"{jnp.dtype(dtype).name:9} {count:5} {row[0]:20.3f} {row[1]:24.3f} {row[2]:28.3f}")
RIGHT = np.array([1.0, 1.5, 1.0])
fine = all(np.abs(seen[key] - RIGHT).max() < 0.01 for key in seen if key[0] == "float32" or key[1] == 100)
softmax, mean, scattered = seen["bfloat16", 3000]
sys.exit(0 if fine and softmax > 10 and mean > 1.9 and scattered < 0.1 and seen["bfloat16", 1000][0] > 3 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
