#!/usr/bin/env bash
# dm_pix.rgb_to_hsl and hsl_to_rgb put the channels last whatever channel_axis says, where rgb_to_hsv keeps its axis.
#
# Date: 2026-11-29
#
# Versions: chex 0.1.92, dm-pix 0.4.5, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   channel_axis is "the channel axis", and the docstring of rgb_to_hsl promises an image "stacked along channel_axis".
#   One expects that an image with the channels first comes back with the channels first, as it does from rgb_to_hsv,
#   hsv_to_rgb, rgb_to_grayscale and each function that adjusts an image.
#
#   An image of the shape (3, 8, 6) comes back as (8, 6, 3), without an error. A way there and back with channel_axis=0
#   fails on most images, as 8 is not 3, and on an image of 3 rows it succeeds with wrong colours: rows are taken for
#   channels. A batch of 3 images of 3 x 3 pixels has the same shape before and after, with the axes turned.
#
#   The source: both functions in dm_pix/_src/color_conversion.py end in `jnp.stack([...], axis=-1)`.
#
# Output seen:
#          image          axis  converted       off by                after the way back
#   hsv    (3, 8, 6)         0  (3, 8, 6)       0.000000              off by 0.000000
#   hsv    (3, 3, 5)         0  (3, 3, 5)       0.000000              off by 0.000000
#   hsv    (3, 3, 3)         0  (3, 3, 3)       0.000000              off by 0.000000
#   hsv    (2, 3, 8, 6)      1  (2, 3, 8, 6)    0.000000              off by 0.000000
#   hsl    (3, 8, 6)         0  (8, 6, 3)       another shape         AssertionError
#   hsl    (3, 3, 5)         0  (3, 5, 3)       another shape         (5, 3, 3)
#   hsl    (3, 3, 3)         0  (3, 3, 3)       0.827145              off by 0.822704
#   hsl    (2, 3, 8, 6)      1  (2, 8, 6, 3)    another shape         AssertionError
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

SHAPES = [(3, 8, 6), (3, 3, 5), (3, 3, 3), (2, 3, 8, 6)]
PAIRS = {"hsv": (pix.rgb_to_hsv, pix.hsv_to_rgb), "hsl": (pix.rgb_to_hsl, pix.hsl_to_rgb)}


def way(name, image, axis):
    there, back = PAIRS[name]
    converted = there(image, channel_axis=axis)
    right = jnp.moveaxis(there(jnp.moveaxis(image, axis, -1), channel_axis=-1), -1, axis)
    off = float(jnp.abs(converted - right).max()) if converted.shape == right.shape else None
    try:
        returned = back(converted, channel_axis=axis)
    except AssertionError:
        return converted.shape, off, "AssertionError"
    if returned.shape != image.shape:
        return converted.shape, off, str(returned.shape)
    return converted.shape, off, float(jnp.abs(returned - image).max())


seen = {}
print("       image          axis  converted       off by                after the way back")
for name in PAIRS:
    for shape in SHAPES:
        image = jax.random.uniform(jax.random.key(0), shape)
        axis = len(shape) - 3
        seen[name, shape] = way(name, image, axis)
        converted, off, returned = seen[name, shape]
        text = "another shape" if off is None else f"{off:.6f}"
        end = returned if isinstance(returned, str) else f"off by {returned:.6f}"
        print(f"{name:6} {shape!s:14} {axis:4}  {converted!s:14}  {text:20}  {end}")
hsv = all(seen["hsv", s][0] == s and seen["hsv", s][1] == 0 and seen["hsv", s][2] < 1e-5 for s in SHAPES)
last = jax.random.uniform(jax.random.key(1), (8, 6, 3))
usual = np.allclose(pix.hsl_to_rgb(pix.rgb_to_hsl(last)), last, atol=1e-5)
moved = all(seen["hsl", s][0] == s[:-3] + s[-2:] + (3,) for s in SHAPES)
failed = seen["hsl", (3, 8, 6)][2] == "AssertionError"
silent = seen["hsl", (3, 3, 3)][1] > 0.1
sys.exit(0 if hsv and usual and moved and failed and silent else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
