#!/usr/bin/env bash
# optax.losses.triplet_margin_loss adds signed differences: a distance of degree 1 is below 0, and of degree 3 NaN.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   norm_degree is "the norm degree for distance calculation", 2 by default. With 1 one expects the sum of absolute
#   differences, as in every other triplet loss: a distance that is never below 0 and is the same in both directions.
#
#   The differences, anchor minus example, keep their sign. With degree 1 the example (3, 4) has the distance -7 from
#   the origin, and (3, -4) has 1. So a perfect triplet has the loss 7.8 where 0 is right, because its far negative lies
#   on the wrong side of the anchor, and bad triplets have a loss that is too small. With degree 3 a sum below 0 has no
#   real cube root, so that the loss is NaN for each of the triplets. Degrees 2 and 4 are right.
#
#   The source: `triplet_margin_loss` in optax/losses/_self_supervised.py takes `jnp.power(jnp.power(anchors -
#   positives, norm_degree).sum(axis) + eps, 1 / norm_degree)`, without jnp.abs.
#
# Output seen:
#   degree                                          optax    with abs   gradient for the negative
#   1      positive (0.1, 0.1), negative (3, 4)      7.800       0.000   [1.0, 1.0]
#   1      positive (0.1, 0.1), negative (-3, -4)    0.000       0.000   [0.0, 0.0]
#   1      positive (3, -4), negative (0.1, 0.1)     2.200       7.800   [1.0, 1.0]
#   1      positive (-3, 2), negative (0.1, 0.1)     2.200       5.800   [1.0, 1.0]
#   2      positive (0.1, 0.1), negative (3, 4)      0.000       0.000   [-0.0, -0.0]
#   2      positive (0.1, 0.1), negative (-3, -4)    0.000       0.000   [0.0, 0.0]
#   2      positive (3, -4), negative (0.1, 0.1)     5.859       5.859   [-0.707, -0.707]
#   2      positive (-3, 2), negative (0.1, 0.1)     4.464       4.464   [-0.707, -0.707]
#   3      positive (0.1, 0.1), negative (3, 4)        nan       0.000   [nan, nan]
#   3      positive (0.1, 0.1), negative (-3, -4)      nan       0.000   [0.0, 0.0]
#   3      positive (3, -4), negative (0.1, 0.1)       nan       5.372   [nan, nan]
#   3      positive (-3, 2), negative (0.1, 0.1)       nan       4.145   [nan, nan]
#   4      positive (0.1, 0.1), negative (3, 4)      0.000       0.000   [-0.0, -0.0]
#   4      positive (0.1, 0.1), negative (-3, -4)    0.000       0.000   [0.0, 0.0]
#   4      positive (3, -4), negative (0.1, 0.1)     5.166       5.166   [-0.592, -0.592]
#   4      positive (-3, 2), negative (0.1, 0.1)     4.019       4.019   [-0.592, -0.592]
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

MARGIN = 1.0
anchor = jnp.array([[0.0, 0.0]])
TRIPLETS = {
    "positive (0.1, 0.1), negative (3, 4)": ([[0.1, 0.1]], [[3.0, 4.0]]),
    "positive (0.1, 0.1), negative (-3, -4)": ([[0.1, 0.1]], [[-3.0, -4.0]]),
    "positive (3, -4), negative (0.1, 0.1)": ([[3.0, -4.0]], [[0.1, 0.1]]),
    "positive (-3, 2), negative (0.1, 0.1)": ([[-3.0, 2.0]], [[0.1, 0.1]]),
}


def right(positive, negative, degree):
    near, far = ((np.abs(np.asarray(x)) ** degree).sum() ** (1 / degree) for x in (positive, negative))
    return max(near - far + MARGIN, 0.0)


def loss(positive, negative, degree):
    return optax.losses.triplet_margin_loss(anchor, positive, negative, norm_degree=degree, margin=MARGIN)[0]


seen = {}
print("degree                                          optax    with abs   gradient for the negative")
for degree in (1, 2, 3, 4):
    for name, (positive, negative) in TRIPLETS.items():
        positive, negative = jnp.array(positive), jnp.array(negative)
        value, gradient = jax.value_and_grad(loss, 1)(positive, negative, degree)
        seen[degree, name] = float(value), right(positive, negative, degree), np.asarray(gradient)
        cells = f"{float(value):7.3f} {seen[degree, name][1]:11.3f}   {[round(float(x), 3) for x in gradient[0]]}"
        print(f"{degree}      {name:39} {cells}")

even = all(abs(seen[degree, name][0] - seen[degree, name][1]) < 0.05 for degree in (2, 4) for name in TRIPLETS)
one = [seen[1, name][0] - seen[1, name][1] for name in TRIPLETS]
three = [seen[3, name][0] for name in TRIPLETS]
signed = one[0] > 7 and max(one[2:]) < -3 and min(seen[1, name][2].min() for name in list(TRIPLETS)[2:]) == 1
sys.exit(0 if even and signed and np.isnan(three).all() else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
