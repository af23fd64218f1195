#!/usr/bin/env bash
# The gradient of dm_pix.rgb_to_hsl is NaN at each grey pixel, even for the lightness, where rgb_to_hsv has a gradient.
#
# Date: 2026-11-29
#
# Versions: chex 0.1.92, dm-pix 0.4.5, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The lightness of a pixel is the mean of its largest and its smallest channel, and has a gradient everywhere that
#   matters. The hue is undefined for grey, and the value 0 is put in. rgb_to_hsv, the sibling, gives finite gradients
#   at grey pixels.
#
#   One grey pixel, such as a black border or a saturated sky, makes the gradient of a loss of the lightness alone NaN
#   at this pixel, and the gradient of what made the image is NaN everywhere. The values are right, so that only the
#   second step of a training shows it. adjust_hue and adjust_saturation, which go by HSV, have gradients.
#
#   The source: `rgb_to_hsl` in dm_pix/_src/color_conversion.py divides by the difference of the channels, 0, and then
#   puts 0 in its place by jnp.where; the gradient multiplies the NaN of the branch not taken by 0.
#   rgb_planes_to_hsv_planes replaces the divisor first.
#
# Output seen:
#   pixel        hsl: lightness       hsl: saturation      hsv: value           hsv: saturation      adjust_saturation
#   orange       [0.5, 0.0, 0.5]      [0.2, 0.0, -1.8]     [1.0, 0.0, 0.0]      [0.12, 0.0, -1.11]   [1.2, 0.9, 0.9]
#   nearly grey  [0.25, 0.5, 0.25]    [-0.5, 1.0, -0.5]    [0.0, 1.0, 0.0]      [-1.0, 1.98, -1.0]   [0.9, 1.2, 0.9]
#   grey         [nan, nan, nan]      [nan, nan, nan]      [0.25, 0.25, 0.5]    [0.0, 0.0, 0.0]      [0.75, 0.75, 1.5]
#   black        [nan, nan, nan]      [nan, nan, nan]      [0.0, 0.0, 0.0]      [0.0, 0.0, 0.0]      [0.75, 0.75, 1.5]
#   white        [nan, nan, nan]      [nan, nan, nan]      [0.25, 0.25, 0.5]    [0.0, 0.0, 0.0]      [0.75, 0.75, 1.5]
#   the gradient of a gain for an image with one black row: hsl nan hsv 180.411
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
packages=('chex==0.1.92' 'dm-pix==0.4.5' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import dm_pix as pix
import jax
import jax.numpy as jnp
import numpy as np

PIXELS = {
    "orange": [0.9, 0.5, 0.1],
    "nearly grey": [0.5, 0.502, 0.5],
    "grey": [0.5, 0.5, 0.5],
    "black": [0.0, 0.0, 0.0],
    "white": [1.0, 1.0, 1.0],
}
LOSSES = {
    "hsl: lightness": lambda image: pix.rgb_to_hsl(image)[..., 2].sum(),
    "hsl: saturation": lambda image: pix.rgb_to_hsl(image)[..., 1].sum(),
    "hsv: value": lambda image: pix.rgb_to_hsv(image)[..., 2].sum(),
    "hsv: saturation": lambda image: pix.rgb_to_hsv(image)[..., 1].sum(),
    "adjust_saturation": lambda image: pix.adjust_saturation(image, 0.9).sum(),
}
seen = {}
print("pixel       ", *(f"{name:20}" for name in LOSSES))
for name, pixel in PIXELS.items():
    image = jnp.array(pixel).reshape(1, 1, 3)
    row = [np.asarray(jax.grad(loss)(image)).ravel().astype(float).round(2).tolist() for loss in LOSSES.values()]
    seen[name] = row
    print(f"{name:12}", *(f"{gradient!s:20}" for gradient in row))

scene = jax.random.uniform(jax.random.key(0), (16, 16, 3)).at[0].set(0.0)
both = LOSSES["hsl: lightness"], LOSSES["hsv: value"]
brightness = [float(jax.grad(lambda gain, loss=loss: loss(gain * scene))(1.0)) for loss in both]
print("the gradient of a gain for an image with one black row: hsl", brightness[0], "hsv", round(brightness[1], 3))
colour = all(np.isfinite(row).all() for name, row in seen.items() if name in ("orange", "nearly grey"))
grey = all(np.isnan(seen[name][0]).any() for name in ("grey", "black", "white"))
sibling = all(np.isfinite(row[2:]).all() for row in seen.values())
sys.exit(0 if colour and grey and sibling and np.isnan(brightness[0]) and np.isfinite(brightness[1]) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
