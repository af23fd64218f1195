#!/usr/bin/env bash
# augmax.Resize draws a dark frame around each image that it makes larger.
#
# Date: 2026-11-28
#
# Versions: augmax 0.4.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A white image of 8 x 8 is resized to 16 x 16. One expects a white image, as jax.image.resize makes it: no point of
#   the new image lies outside of the old one.
#
#   The frame is 0.75, and the corners are 0.56; the mean of noise is a quarter lower in the frame than inside of it.
#   Resize (augmax/geometric.py) scales coordinates about the centre, which is right, so the centre of the outermost
#   new pixel lies a quarter of a pixel beyond the centre of the outermost old one. There map_coordinates, with its
#   mode "constant" and cval 0, blends with black, as for the empty corners of a rotated image. The larger the image
#   becomes, the darker its frame. To make an image smaller is right. No docstring tells of it.
#
# Output seen:
#   the middle row of a white image of 8 x 8, resized by augmax and by jax.image:
#     to  5: augmax 1.00 1.00 ... 1.00 1.00, corner 1.00; jax.image 1.00, corner 1.00
#     to  8: augmax 1.00 1.00 ... 1.00 1.00, corner 1.00; jax.image 1.00, corner 1.00
#     to 12: augmax 0.83 1.00 ... 1.00 0.83, corner 0.69; jax.image 1.00, corner 1.00
#     to 16: augmax 0.75 1.00 ... 1.00 0.75, corner 0.56; jax.image 1.00, corner 1.00
#   the labels of a mask of threes, to 16: [3]
#   the mean of noise to 16: 0.370 in the frame, 0.500 inside of it
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
packages=('augmax==0.4.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import augmax
import jax
import jax.numpy as jnp
import numpy as np

KEY = jax.random.key(0)
white = jnp.ones((8, 8, 3))

print("the middle row of a white image of 8 x 8, resized by augmax and by jax.image:")
seen = {}
for size in (5, 8, 12, 16):
    ours = np.asarray(augmax.Chain(augmax.Resize(size, size))(KEY, white))
    theirs = np.asarray(jax.image.resize(white, (size, size, 3), "linear"))
    seen[size] = ours[size // 2, 0, 0], ours[0, 0, 0], theirs.min()
    row = ours[size // 2, :, 0]
    ends = f"{row[0]:.2f} {row[1]:.2f} ... {row[-2]:.2f} {row[-1]:.2f}, corner {ours[0, 0, 0]:.2f}"
    print(f"  to {size:2}: augmax {ends}; jax.image {theirs[size // 2, 0, 0]:.2f}, corner {theirs[0, 0, 0]:.2f}")
labels = jnp.full((8, 8, 1), 3, jnp.int32)
kinds = [augmax.InputType.IMAGE, augmax.InputType.MASK]
_, mask = augmax.Chain(augmax.Resize(16, 16), input_types=kinds)(KEY, [white, labels])
print("the labels of a mask of threes, to 16:", np.unique(np.asarray(mask)).tolist())

images = jax.random.uniform(KEY, (256, 8, 8, 3))
large = jax.vmap(augmax.Chain(augmax.Resize(16, 16)))(jax.random.split(KEY, 256), images)
frame = np.ones((16, 16), bool)
frame[1:-1, 1:-1] = False
outside, inside = float(large[:, frame].mean()), float(large[:, ~frame].mean())
print(f"the mean of noise to 16: {outside:.3f} in the frame, {inside:.3f} inside of it")
fine = seen[5][:2] == seen[8][:2] == (1, 1) and min(row[2] for row in seen.values()) > 0.999
dark = abs(seen[16][0] - 0.75) < 0.01 and abs(seen[16][1] - 0.5625) < 0.01 and seen[12][0] < 0.9
sys.exit(0 if fine and dark and outside < 0.8 * inside else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
