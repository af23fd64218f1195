#!/usr/bin/env bash
# imax.contrast with a factor of 0 turns grey 200 into 4 in a picture of 32 x 32 pixels, and into 255 in 256 x 256.
#
# Date: 2026-11-30
#
# Versions: imax 0.0.1b11, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, pillow 13.0.0, Python 3.12, CPU.
#
# Behaviour:
#   imax.color_transforms.contrast is the "equivalent of PIL Contrast", by its docstring: the picture is blended with
#   its mean brightness. A picture that is all grey is its own mean, so it stays as it is with each factor.
#
#   imax blends with the number of pixels over 256, whatever is on the picture: 4 for 32 x 32 pixels, 16 for 64 x 64, 64
#   for 128 x 128, and 255 from 256 x 256 on. Less contrast of a small picture so makes it black and of a large one
#   white, and more contrast does the reverse. The contrast of RandAugment on CIFAR has so another meaning than on
#   ImageNet.
#
#   The source: `contrast` in imax/color_transforms.py takes `jnp.sum(hist) / 256` for the mean, which is the sum of the
#   counts, without the values that they count. (Its grey is 0 in any case, by the weights of `rgb_to_grayscale`; the
#   sum does not depend on it.)
#
# Output seen:
#   a grey picture of 200     factor 0    factor 0.5    factor 1.5    PIL
#     16 x  16 pixels                   1           100           255    [200, 200, 200]
#     32 x  32 pixels                   4           102           255    [200, 200, 200]
#     64 x  64 pixels                  16           108           255    [200, 200, 200]
#    128 x 128 pixels                  64           132           255    [200, 200, 200]
#    256 x 256 pixels                 255           227           172    [200, 200, 200]
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
packages=('imax==0.0.1b11' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'pillow==13.0.0')
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
from imax import color_transforms
from PIL import Image, ImageEnhance

seen = {}
print("a grey picture of 200     factor 0    factor 0.5    factor 1.5    PIL")
for size in (16, 32, 64, 128, 256):
    picture = np.full((size, size, 3), 200, np.uint8)
    own = [np.unique(color_transforms.contrast(jnp.asarray(picture), factor)).tolist() for factor in (0.0, 0.5, 1.5)]
    pil = [np.unique(ImageEnhance.Contrast(Image.fromarray(picture)).enhance(f)).tolist() for f in (0.0, 0.5, 1.5)]
    assert all(len(values) == 1 for values in own + pil)
    seen[size] = [values[0] for values in own], [values[0] for values in pil]
    a, b, c = seen[size][0]
    print(f"{size:4} x {size:3} pixels{a:20}{b:14}{c:14}    {seen[size][1]}")
zero = [seen[size][0][0] for size in seen] == [1, 4, 16, 64, 255]
sys.exit(0 if zero and all(row[1] == [200, 200, 200] for row in seen.values()) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
