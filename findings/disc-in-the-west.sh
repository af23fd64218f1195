#!/usr/bin/env bash
# jax_healpy.query_disc returns 1,593 pixels for a disc of 122 in the western half of the sky, and is right in the east.
#
# Date: 2026-11-30
#
# Versions: jax-healpy 0.8.2, healpy 1.20.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   query_disc gives the pixels of the sky whose centres lie in a disc, for example to cut a star out of a map. The
#   documentation of jax_healpy says that the result is guaranteed to match healpy exactly (with inclusive=False, the
#   default). The place of a disc in longitude can have no effect on its size.
#
#   For a longitude between 180 and 360 degrees the result has the right pixels and, in each ring of the map, all pixels
#   from the disc on to the longitude 360. They are up to 144 degrees away from the middle of a disc with a radius of
#   5.7 degrees. Between 0 and 180 degrees all is right, and so it is where the disc contains the longitude 0. 64 bits
#   change nothing.
#
#   The source: `_query_disc_ring_single` of jax_healpy/_query_disc.py follows the code of HEALPix, which has the
#   longitude of the disc between 0 and 2 pi. Here it comes from jnp.arctan2, and is negative in the western half. Then
#   both ends of the piece of a ring are negative, and the code for a piece that crosses the longitude 0 takes all
#   pixels from its first end up to the end of the ring.
#
# Output seen:
#   longitude  healpy  jax_healpy  missing  farthest pixel (degrees)
#          30     122         122        0       5.7
#         120     122         122        0       5.7
#         170     124         124        0       5.7
#         190     124        2234        0     144.0
#         240     122        1593        0     111.1
#         300     122         824        0      56.6
#         350     124         185        0      10.5
#         359     122         122        0       5.7
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
packages=('jax-healpy==0.8.2' 'healpy==1.20.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import healpy
import jax_healpy
import numpy as np

NSIDE, RADIUS = 64, 0.1
seen = {}
print("longitude  healpy  jax_healpy  missing  farthest pixel (degrees)")
for longitude in (30, 120, 170, 190, 240, 300, 350, 359):
    middle = healpy.ang2vec(longitude, 20, lonlat=True)
    right = set(healpy.query_disc(NSIDE, middle, RADIUS).tolist())
    found = np.asarray(jax_healpy.query_disc(NSIDE, middle, RADIUS))
    found = set(found[found < healpy.nside2npix(NSIDE)].tolist())
    cosines = np.array(healpy.pix2vec(NSIDE, sorted(found))).T @ middle
    far = np.degrees(np.arccos(cosines.min()))
    seen[longitude] = len(found - right), len(right - found)
    print(f"{longitude:9}{len(right):8}{len(found):12}{len(right - found):9}{far:10.1f}")
fine = all(seen[longitude] == (0, 0) for longitude in (30, 120, 170, 359))
wide = all(seen[longitude][0] > 200 for longitude in (190, 240, 300))
sys.exit(0 if fine and wide and all(not missing for _, missing in seen.values()) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
