#!/usr/bin/env bash
# imax.color with a factor of 0, the grey picture, is black, and with 0.5 a darker one: the weights of grey are 0.
#
# Date: 2026-11-30
#
# Versions: imax 0.0.1b11, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, pillow 13.0.0, Python 3.12, CPU.
#
# Behaviour:
#   imax.color_transforms.color is the "equivalent of PIL Color", by its docstring: a factor of 0 gives the grey
#   picture, 1 the picture itself, and in between they are blended, so that the brightness stays. It is one of the
#   operations of imax's RandAugment.
#
#   imax's color(picture, 0) is black everywhere, and color(picture, 0.5) is half as bright, with the colours as strong
#   as before. That is what imax.color_transforms.brightness does, to the last bit. With a factor of 1.9 the picture is
#   twice as bright and most of it is clipped. So RandAugment has the operation Brightness twice and Color never.
#
#   The source: `rgb_to_grayscale` in imax/color_transforms.py casts its weights 0.2989, 0.587 and 0.114 to uint8, which
#   are 0.
#
# Output seen:
#   factor   mean of red, green, blue: imax       PIL        same as imax.brightness
#      0.0                     0.0   0.0   0.0   119.3 119.3 119.3   True
#      0.5                    81.3  51.7  41.5   141.0 111.3 101.2   True
#      1.0                   163.2 103.9  83.6   163.2 103.9  83.6   True
#      1.9                   245.7 188.6 156.9   194.8  89.7  61.3   True
#   largest value of imax.rgb_to_grayscale: 0
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

rng = np.random.default_rng(0)
picture = np.clip(rng.integers(0, 256, (64, 64, 3)) // 2 + np.array([100, 40, 20]), 0, 255).astype(np.uint8)
seen = {}
print("factor   mean of red, green, blue: imax       PIL        same as imax.brightness")
for factor in (0.0, 0.5, 1.0, 1.9):
    own = np.asarray(color_transforms.color(jnp.asarray(picture), factor))
    dark = np.asarray(color_transforms.brightness(jnp.asarray(picture), factor))
    pil = np.asarray(ImageEnhance.Color(Image.fromarray(picture)).enhance(factor))
    seen[factor] = own.mean(axis=(0, 1)), pil.mean(axis=(0, 1)), bool((own == dark).all())
    texts = [" ".join(f"{value:5.1f}" for value in means) for means in seen[factor][:2]]
    print(f"{factor:6}{texts[0]:>36}   {texts[1]}   {seen[factor][2]}")
grey = color_transforms.rgb_to_grayscale(jnp.asarray(picture))
print(f"largest value of imax.rgb_to_grayscale: {int(grey.max())}")
black = (seen[0.0][0] == 0).all() and int(grey.max()) == 0 and all(row[2] for row in seen.values())
right = np.ptp(seen[0.0][1]) < 1 and abs(seen[0.5][1].mean() - seen[1.0][1].mean()) < 15
sys.exit(0 if black and right and np.allclose(seen[1.0][0], seen[1.0][1]) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
