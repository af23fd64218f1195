#!/usr/bin/env bash
# datarax turns pink into orange when it changes the saturation, even by a factor of 1: its hue above red is mirrored.
#
# Date: 2026-11-30
#
# Versions: datarax 0.1.17, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   datarax.operators.modality.image.functional.adjust_saturation with a factor of 1 leaves a picture as it is, and so
#   does adjust_hue by 0; any other factor keeps the hue. `rgb_to_hsv` "follows the algorithm from OpenCV's cvtColor"
#   and has hues from 0 to 2 pi, by its docstring.
#
#   All colours between magenta and red, for which red is the largest and blue larger than green, get a hue above 2 pi:
#   390 degrees for the pink (1, 0, 0.5), where 330 is right. It comes back as the orange (1, 0.5, 0): blue and green
#   have changed places. Magenta becomes yellow. A sixth of random colours is touched, lips among them. The other five
#   sixths of the circle are right.
#
#   The source: `rgb_to_hsv` in datarax/operators/modality/image/functional.py has `6.0 - (g - b) / diff` where g < b. g
#   - b is below 0 there, so it is to be `6.0 + (g - b) / diff`.
#
# Output seen:
#   colour                     hue of datarax  colorsys   saturation x 1       hue + 0
#   red     1.0 0.0 0.0                     0         0   1.0 0.0 0.0          1.0 0.0 0.0
#   pink    1.0 0.0 0.5                   390       330   1.0 0.5 0.0          1.0 0.5 0.0
#   lips    0.8 0.3 0.4                   372       348   0.8 0.4 0.3          0.8 0.4 0.3
#   magenta 1.0 0.0 1.0                   420       300   1.0 1.0 0.0          1.0 1.0 0.0
#   violet  0.5 0.0 1.0                   270       270   0.5 0.0 1.0          0.5 0.0 1.0
#   orange  1.0 0.5 0.0                    30        30   1.0 0.5 0.0          1.0 0.5 0.0
#   green   0.2 0.7 0.3                   132       132   0.2 0.7 0.3          0.2 0.7 0.3
#   of 10000 random colours 17% have changed
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
packages=('datarax==0.1.17' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import colorsys
import sys

import jax.numpy as jnp
import numpy as np
from datarax.operators.modality.image.functional import adjust_hue, adjust_saturation, rgb_to_hsv

COLOURS = {
    "red": (1.0, 0.0, 0.0),
    "pink": (1.0, 0.0, 0.5),
    "lips": (0.8, 0.3, 0.4),
    "magenta": (1.0, 0.0, 1.0),
    "violet": (0.5, 0.0, 1.0),
    "orange": (1.0, 0.5, 0.0),
    "green": (0.2, 0.7, 0.3),
}
seen = {}
print("colour                     hue of datarax  colorsys   saturation x 1       hue + 0")
for name, colour in COLOURS.items():
    pixel = jnp.array(colour).reshape(1, 1, 3)
    hue = float(rgb_to_hsv(pixel)[0, 0, 0]) * 180 / np.pi
    results = [np.asarray(result)[0, 0] for result in (adjust_saturation(pixel, 1.0), adjust_hue(pixel, 0.0))]
    seen[name] = hue, colorsys.rgb_to_hsv(*colour)[0] * 360, *results
    texts = [" ".join(f"{value:.1f}" for value in values) for values in (colour, *results)]
    print(f"{name:8}{texts[0]}{hue:22.0f}{seen[name][1]:10.0f}   {texts[1]:21}{texts[2]}")
cube = np.random.default_rng(0).uniform(size=(100, 100, 3)).astype(np.float32)
moved = np.abs(np.asarray(adjust_saturation(jnp.asarray(cube), 1.0)) - cube).max(axis=2) > 0.01
print(f"of {moved.size} random colours {moved.mean():.0%} have changed")
wrong = [name for name, row in seen.items() if not np.allclose(row[2], COLOURS[name], atol=1e-5)]
same = all(np.allclose(row[2], row[3], atol=1e-5) for row in seen.values())
swapped = all(np.allclose(seen[name][2], np.array(COLOURS[name])[[0, 2, 1]], atol=1e-5) for name in wrong)
sys.exit(0 if wrong == ["pink", "lips", "magenta"] and same and swapped and 0.1 < moved.mean() < 0.2 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
