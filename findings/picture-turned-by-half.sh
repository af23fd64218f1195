#!/usr/bin/env bash
# datarax turns a picture around a point beside its centre: after 180 degrees a row and a column are dark.
#
# Date: 2026-11-30
#
# Versions: datarax 0.1.17, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   A picture turned by 180 degrees is the picture with both axes reversed, and four turns by 90 degrees are the picture
#   itself; scipy.ndimage.rotate does that. datarax's functional.rotate and its RotationOperator turn a picture around
#   its centre.
#
#   After 180 degrees the first row and the first column are filled with 0, the rest is shifted by one pixel in both
#   directions, and the first row and column of the picture are lost. After four turns by 90 degrees two edges are gone.
#   Each other angle is off by up to 1.4 pixels, in a direction that depends on the angle, so labels such as boxes and
#   keypoints do not fit. For a digit of 8 x 8 that is an eighth of the picture.
#
#   The source: `rotate` in datarax/operators/modality/image/functional.py has the centre at (h / 2, w / 2). The pixels
#   are at 0 to h - 1, so their centre is (h - 1) / 2.
#
# Output seen:
#   a picture of 1 to 25, turned by 180 degrees
#   datarax                  right
#     0   0   0   0   0       25  24  23  22  21
#     0  25  24  23  22       20  19  18  17  16
#     0  20  19  18  17       15  14  13  12  11
#     0  15  14  13  12       10   9   8   7   6
#     0  10   9   8   7        5   4   3   2   1
#   pixels that four turns by 90 degrees leave as they are, of 25: datarax 16, scipy 25
#   the pixel in the centre moves by +0.00, +0.00 at 0 degrees
#   the pixel in the centre moves by +1.00, +0.00 at 90 degrees
#   the pixel in the centre moves by +1.00, +1.00 at 180 degrees
#   the pixel in the centre moves by +0.00, +1.00 at 270 degrees
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
packages=('datarax==0.1.17' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12' 'numpy==2.5.5' 'scipy==1.18.1')
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
from datarax.operators.modality.image.functional import rotate
from scipy.ndimage import rotate as scipy_rotate

picture = np.arange(1.0, 26.0, dtype=np.float32).reshape(5, 5)
own = np.asarray(rotate(jnp.asarray(picture), np.pi))
right = picture[::-1, ::-1]
print("a picture of 1 to 25, turned by 180 degrees")
print("datarax                  right")
for row, expected in zip(own, right):
    print(" ".join(f"{value:3.0f}" for value in row) + "      " + " ".join(f"{value:3.0f}" for value in expected))
four, scipy_four = jnp.asarray(picture), picture
for _ in range(4):
    four = rotate(four, np.pi / 2)
    scipy_four = scipy_rotate(scipy_four, 90, reshape=False, order=1)
kept = [int(np.isclose(np.asarray(result), picture, atol=1e-2).sum()) for result in (four, scipy_four)]
print(f"pixels that four turns by 90 degrees leave as they are, of 25: datarax {kept[0]}, scipy {kept[1]}")
spot = np.zeros((65, 65), np.float32)
spot[32, 32] = 1
moves = {}
for degrees in (0, 90, 180, 270):
    turned = np.asarray(rotate(jnp.asarray(spot), np.radians(degrees)))
    y, x = np.indices(turned.shape)
    moves[degrees] = float((y * turned).sum() / turned.sum()) - 32, float((x * turned).sum() / turned.sum()) - 32
    print(f"the pixel in the centre moves by {moves[degrees][0]:+.2f}, {moves[degrees][1]:+.2f} at {degrees} degrees")
shifted = np.allclose(own[1:, 1:], right[:-1, :-1], atol=1e-2) and np.allclose([own[0], own[:, 0]], 0)
stays = max(map(abs, moves[0])) < 1e-3 and max(map(abs, moves[180])) > 0.9
sys.exit(0 if shifted and kept[0] < 20 and kept[1] == 25 and stays else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
