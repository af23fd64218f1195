#!/usr/bin/env bash
# astrodynx.rv2coe mirrors a satellite on its way back to the periapsis: its elements give another place on the orbit.
#
# Date: 2026-11-30
#
# Versions: astrodynx 0.9.12, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, diffrax 0.7.2, Python 3.12, CPU.
#
# Behaviour:
#   Position and velocity have one set of orbital elements, and coe2rv(rv2coe(state)) is the state. The true anomaly
#   goes from 0 to 2 pi in a period, and so does the argument of the periapsis around the orbit. rv2coe of astrodynx
#   cites Vallado (2013, p. 114), who takes the other half of the circle if the satellite comes nearer (r . v < 0), or
#   if the periapsis is south of the equator.
#
#   astrodynx never returns more than pi for either. A satellite at a true anomaly of 300 degrees has 60, where it goes
#   outward and not inward. An orbit with a periapsis at 270 degrees, south as that of a Molniya satellite is, has 90,
#   in the north. Of 10,000 random states three quarters come back as another state, in the median 1.4 times as far away
#   as the centre is. With both angles below 180 degrees it is right to 1e-14.
#
#   The source: `true_anomaly` and `argument_of_periapsis` in astrodynx/twobody/_orb_elements.py take arctan2 of a norm,
#   which is not below 0. The line after it, for a result below 0, never has an effect.
#
# Output seen:
#   periapsis  true anomaly   of rv2coe: periapsis  true anomaly   error of the position
#          30            40                   30.0          40.0                 0.0e+00
#         150           170                  150.0         170.0                 2.5e-16
#          30           300                   30.0          60.0                 1.4e+00
#         270            20                   90.0          20.0                 1.5e+00
#         270           200                   90.0         160.0                 3.0e+00
#   of 10000 random states 75% come back elsewhere, in the median by 1.41 r
#   largest error with both angles below 180 degrees: 2.0e-15
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
packages=('astrodynx==0.9.12' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'diffrax==0.7.2')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import sys

import astrodynx as adx
import jax
import jax.numpy as jnp
import numpy as np

CASES = [(30, 40), (150, 170), (30, 300), (270, 20), (270, 200)]
seen = {}
print("periapsis  true anomaly   of rv2coe: periapsis  true anomaly   error of the position")
for place in CASES:
    argument, anomaly = np.radians(np.array(place, float))
    elements = [jnp.asarray(value) for value in (1.0, 0.4, 1.1, 0.5, argument, anomaly)]
    r, v = adx.coe2rv(*elements)
    found = adx.rv2coe(r, v)
    back = adx.coe2rv(*found)[0]
    angles = [float(np.degrees(value)) for value in found[4:]]
    seen[place] = *angles, float(jnp.linalg.norm(back - r))
    print(f"{place[0]:9}{place[1]:14}{angles[0]:23.1f}{angles[1]:14.1f}{seen[place][2]:24.1e}")

rng = np.random.default_rng(0)
count = 10_000
ranges = (0.5, 2.0), (0.05, 0.9), (0.1, 3.0), (0, 2 * np.pi), (0, 2 * np.pi), (0, 2 * np.pi)
elements = [jnp.asarray(rng.uniform(*ends, size=count)) for ends in ranges]
r, v = jax.vmap(adx.coe2rv)(*elements)
back = jax.vmap(adx.coe2rv)(*jax.vmap(adx.rv2coe)(r, v))[0]
errors = np.asarray(jnp.linalg.norm(back - r, axis=1) / jnp.linalg.norm(r, axis=1))
wrong = errors > 1e-6
middle = np.median(errors[wrong])
print(f"of {count} random states {wrong.mean():.0%} come back elsewhere, in the median by {middle:.2f} r")
both = np.asarray((elements[4] < np.pi) & (elements[5] < np.pi))
print(f"largest error with both angles below 180 degrees: {errors[both].max():.1e}")
right = all(seen[place][2] < 1e-9 for place in CASES[:2])
mirrored = abs(seen[30, 300][1] - 60) < 1e-6 and abs(seen[270, 20][0] - 90) < 1e-6
far = all(seen[place][2] > 0.1 for place in CASES[2:])
sys.exit(0 if right and mirrored and far and 0.7 < wrong.mean() < 0.8 and errors[both].max() < 1e-6 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
