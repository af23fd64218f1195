#!/usr/bin/env bash
# imax.equalize makes each white pixel of a picture black, where PIL's equalize leaves it white.
#
# Date: 2026-11-30
#
# Versions: imax 0.0.1b11, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, pillow 13.0.0, Python 3.12, CPU.
#
# Behaviour:
#   imax.color_transforms.equalize "implements Equalize function from PIL", by its docstring, and is an operation of
#   imax's RandAugment. Equalizing keeps the order of the values: what was brighter stays as bright or brighter.
#
#   A pixel of 255 becomes 0. In a picture with an overexposed sky, a quarter of it, the sky is black and the darkest
#   place. Other values are up to 21 off, as steps of the table are rounded.
#
#   The source: `equalize` in imax/color_transforms.py makes a histogram of 255 bins, not 256, and a table of 255
#   entries. `jnp.take(table, 255)` is beyond its end, where jnp.take fills in the smallest integer, and as uint8 that
#   is 0.
#
# Output seen:
#   value before      imax        PIL
#              0         0          0
#             64        71         65
#            128       141        129
#            192       210        193
#            254       255        255
#            255         0        255
#   the sky, which is 255: brightest pixel of imax 0, darkest of PIL 255
#   largest difference in the rest: 21
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
from PIL import Image, ImageOps

rng = np.random.default_rng(0)
picture = rng.integers(0, 255, (64, 64, 3)).astype(np.uint8)
picture[:16] = 255
own = np.asarray(color_transforms.equalize(jnp.asarray(picture)))
pil = np.asarray(ImageOps.equalize(Image.fromarray(picture)))
seen = {}
print("value before      imax        PIL")
for value in (0, 64, 128, 192, 254, 255):
    places = picture == value
    seen[value] = [np.median(result[places]).astype(int) for result in (own, pil)]
    print(f"{value:12}{seen[value][0]:10}{seen[value][1]:11}")
sky = own[:16].max(), pil[:16].min()
print(f"the sky, which is 255: brightest pixel of imax {sky[0]}, darkest of PIL {sky[1]}")
rest = np.abs(own[16:].astype(int) - pil[16:]).max()
print(f"largest difference in the rest: {rest}")
sys.exit(0 if sky == (0, 255) and seen[255] == [0, 255] and rest < 30 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
