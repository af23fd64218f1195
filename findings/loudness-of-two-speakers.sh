#!/usr/bin/env bash
# jaxloudnorm measures two speakers who talk in turn, one in each channel, 2.7 dB louder than pyloudnorm and the norm.
#
# Date: 2026-11-30
#
# Versions: jaxloudnorm 0.3.2, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, jaxtyping 0.3.11, pyloudnorm 0.2.0,
#   Python 3.12, CPU.
#
# Behaviour:
#   The loudness of ITU-R BS.1770 is ten times the logarithm of the sum over the channels of the mean power of the
#   blocks that are not gated, with the same blocks for each channel. jaxloudnorm is a port of pyloudnorm to jax, by its
#   readme, with a choice between the recursive filter, the default, and a finite one.
#
#   A tone in the left channel for four seconds, and then in the right one, is as loud as the tone in one channel for
#   eight: -23.08 LKFS, by pyloudnorm, and by jaxloudnorm itself with `use_fir=True`. The default measures -20.3, nearly
#   as if both channels had the tone all the time. If one channel is silent in the first half, it measures 1.1 dB too
#   much. Music with a quiet channel is so turned down by 2.7 dB, as a level is set by this measure.
#
#   The source: `_gated_mean` in jaxloudnorm/meter.py divides the sum of a channel by the number of its blocks that are
#   not 0, in the place of the number of the blocks that pass the gate. A silent block of one channel is no gated block.
#   The finite filter escapes by its rounding errors, which leave no block exactly 0.
#
# Output seen:
#   tone in the channel             jaxloudnorm  with use_fir  pyloudnorm
#   left                                 -23.08        -23.08      -23.08
#   left and right                       -20.07        -20.07      -20.07
#   left, then right                     -20.34        -23.08      -23.08
#   left, right in the second half       -20.15        -21.32      -21.32
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
packages=(
  'jaxloudnorm==0.3.2' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'jaxtyping==0.3.11'
  'pyloudnorm==0.2.0'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import jaxloudnorm
import numpy as np
import pyloudnorm

RATE, SECONDS = 16_000, 8
time = np.arange(RATE * SECONDS) / RATE
tone = 0.1 * np.sin(2 * np.pi * 1000 * time)
first, second = np.where(time < SECONDS / 2, tone, 0), np.where(time < SECONDS / 2, 0, tone)
CASES = {
    "left": (tone, 0 * tone),
    "left and right": (tone, tone),
    "left, then right": (first, second),
    "left, right in the second half": (tone, second),
}
seen = {}
print("tone in the channel             jaxloudnorm  with use_fir  pyloudnorm")
for name, channels in CASES.items():
    sound = jnp.asarray(np.stack(channels), jnp.float32)
    recursive, finite = (
        float(jaxloudnorm.Meter(RATE, use_fir=use_fir).integrated_loudness(sound)) for use_fir in (False, True)
    )
    seen[name] = recursive, finite, float(pyloudnorm.Meter(RATE).integrated_loudness(np.stack(channels, axis=1)))
    print(f"{name:32}{recursive:11.2f}{finite:14.2f}{seen[name][2]:12.2f}")
right = all(abs(row[1] - row[2]) < 0.05 for row in seen.values())
same = all(abs(seen[name][0] - seen[name][2]) < 0.01 for name in ("left", "left and right"))
louder = 2.5 < seen["left, then right"][0] - seen["left, then right"][2] < 3
half = seen["left, right in the second half"][0] - seen["left, right in the second half"][2] > 1
sys.exit(0 if right and same and louder and half else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
