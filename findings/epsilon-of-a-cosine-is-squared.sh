#!/usr/bin/env bash
# The epsilon of optax.cosine_similarity bounds the square of a norm: with 1e-4 a vector of norm 0.001 is unlike itself.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   epsilon is the "minimum norm for terms in the denominator of the cosine similarity". One expects that vectors with a
#   greater norm are not touched: the similarity of a vector with itself is 1, and its distance from itself is 0.
#
#   The norm is bounded by the root of epsilon. With an epsilon of 1e-4 the bound is 0.01, so that a vector of norm
#   0.001, ten times the epsilon, has the similarity 0.01 with itself. That is the size of an embedding of 4 numbers
#   that was initialized with a deviation of 0.0005. The loss of a perfect prediction is 0.99, and its gradient asks for
#   longer vectors, where a cosine has no gradient along them. cosine_distance does the same.
#
#   The source: `cosine_similarity` in optax/losses/_regression.py clips the squared norm, `a_norm2.clip(epsilon)`, and
#   takes the root after that.
#
# Output seen:
#   epsilon     norm  similarity  distance   with a bound on the norm  gradient along the vector
#       0.0      1.0    1.000000  0.000000                   1.000000                     0.0000
#       0.0     0.05    1.000000  0.000000                   1.000000                     0.0000
#       0.0    0.001    1.000000  0.000000                   1.000000                     0.0001
#       0.0    1e-05    1.000000  0.000000                   1.000000                     0.0195
#     1e-08      1.0    1.000000  0.000000                   1.000000                     0.0000
#     1e-08     0.05    1.000000  0.000000                   1.000000                     0.0000
#     1e-08    0.001    1.000000  0.000000                   1.000000                     0.0001
#     1e-08    1e-05    0.010000  0.990000                   1.000000                 -1000.0000
#     1e-06      1.0    1.000000  0.000000                   1.000000                     0.0000
#     1e-06     0.05    1.000000  0.000000                   1.000000                     0.0000
#     1e-06    0.001    1.000000  0.000000                   1.000000                     0.0001
#     1e-06    1e-05    0.000100  0.999900                   1.000000                   -10.0000
#    0.0001      1.0    1.000000  0.000000                   1.000000                     0.0000
#    0.0001     0.05    1.000000  0.000000                   1.000000                     0.0000
#    0.0001    0.001    0.010000  0.990000                   1.000000                   -10.0000
#    0.0001    1e-05    0.000001  0.999999                   0.010000                    -0.1000
#      0.01      1.0    1.000000  0.000000                   1.000000                     0.0000
#      0.01     0.05    0.250000  0.750000                   1.000000                    -5.0000
#      0.01    0.001    0.000100  0.999900                   0.010000                    -0.1000
#      0.01    1e-05    0.000000  1.000000                   0.000001                    -0.0010
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

direction = jnp.array([1.0, 2.0, -2.0, 4.0]) / 5
seen = {}
print("epsilon     norm  similarity  distance   with a bound on the norm  gradient along the vector")
for epsilon in (0.0, 1e-8, 1e-6, 1e-4, 1e-2):
    for norm in (1.0, 0.05, 0.001, 1e-5):
        vector = norm * direction
        similarity = float(optax.cosine_similarity(vector, vector, epsilon=epsilon))
        distance, gradient = jax.value_and_grad(optax.cosine_distance)(vector, vector, epsilon=epsilon)
        right = min(1.0, norm / epsilon) ** 2 if epsilon else 1.0
        along = float(gradient @ direction)
        seen[epsilon, norm] = similarity, right, along
        cells = f"{similarity:11.6f} {float(distance):9.6f}  {right:25.6f}  {along:25.4f}"
        print(f"{epsilon:7} {norm:8} {cells}")

unbounded = all(abs(seen[0.0, norm][0] - 1) < 1e-5 for norm in (1.0, 0.05, 0.001, 1e-5))
wrong = [(1e-4, 0.001), (1e-6, 1e-5), (1e-2, 0.05)]
squared = all(np.isclose(seen[e, n][0], n**2 / e, rtol=1e-3) and seen[e, n][1] == 1 for e, n in wrong)
large = all(abs(seen[e, 1.0][0] - 1) < 1e-5 for e in (1e-8, 1e-6, 1e-4, 1e-2))
sys.exit(0 if unbounded and squared and large and seen[1e-4, 0.001][2] < -5 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
