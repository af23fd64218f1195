#!/usr/bin/env bash
# optax.projections.projection_simplex of 50 scores around a million has the sum 3.2, not 1, and of 3 it has 0.94.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   projection_simplex gives the nearest point with no negative entry and a sum of 1, that is, probabilities. A constant
#   that is added to all scores does not change it, as for a softmax. The scores of the script are multiples of 1/16,
#   which float32 holds exactly up to a million.
#
#   At 10,000 the sum is off by up to 0.6%, at 100,000 it is 0.83 for 50 scores, and at a million 3.2, 0.71 or 0.94. The
#   same scores without the constant give a sum of 1, and jax.nn.softmax does with it. So a solver that projects after
#   each step leaves the simplex if its scores or its steps are large, and nothing tells.
#
#   The source: optax/projections/_projections.py divides the running sum of the sorted scores by their count, and takes
#   the quotient off each score. The running sum has the rounding error of a number that is `count` times as large as
#   the scores. Taking the largest score off first would lose nothing.
#
# Output seen:
#   constant   entries   sum of the projection   largest error   sum of the softmax
#           0        3              1.00000            0.00000             1.00000
#           0        7              1.00000            0.00000             1.00000
#           0       50              1.00000            0.00000             1.00000
#         100        3              1.00001            0.00000             1.00000
#         100        7              0.99999            0.00000             1.00000
#         100       50              1.00001            0.00000             1.00000
#       10000        3              0.99902            0.00033             1.00000
#       10000        7              1.00293            0.00042             1.00000
#       10000       50              1.00586            0.00045             1.00000
#      100000        3              1.00781            0.00260             1.00000
#      100000        7              1.02344            0.00335             1.00000
#      100000       50              0.82813            0.01322             1.00000
#     1000000        3              0.93750            0.02083             1.00000
#     1000000        7              0.71250            0.04107             1.00000
#     1000000       50              3.23843            0.11877             1.00000
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'optax==0.2.8')
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
import optax

seen = {}
print("constant   entries   sum of the projection   largest error   sum of the softmax")
for constant in (0.0, 100.0, 1e4, 1e5, 1e6):
    for count in (3, 7, 50):
        scores = np.random.default_rng(count).integers(0, 9, count) / np.float32(16)
        plain = np.asarray(optax.projections.projection_simplex(jnp.asarray(scores)), float)
        shifted = jnp.asarray(scores + np.float32(constant))
        assert np.array_equal(np.asarray(shifted) - np.float32(constant), scores)
        result = np.asarray(optax.projections.projection_simplex(shifted), float)
        seen[constant, count] = result.sum(), abs(result - plain).max(), float(jax.nn.softmax(shifted).sum())
        row = seen[constant, count]
        print(f"{constant:9.0f} {count:8} {row[0]:20.5f} {row[1]:18.5f} {row[2]:19.5f}")
near = all(abs(row[0] - 1) < 1e-3 for (constant, _), row in seen.items() if constant <= 100)
far = max(abs(seen[1e6, count][0] - 1) for count in (3, 7, 50)) > 0.05
softmax = all(abs(row[2] - 1) < 1e-5 for row in seen.values())
sys.exit(0 if near and far and softmax else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
