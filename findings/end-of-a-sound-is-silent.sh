#!/usr/bin/env bash
# librosax.istft ends in up to 511 samples of silence, if the length of the sound is given, where librosa has the sound.
#
# Date: 2026-11-30
#
# Versions: librosax 0.1.2, librosa 1.0.0, jax 0.12.0.1, jaxlib 0.12.0.1, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   librosax is librosa for jax. istft(stft(y), length=len(y)) is the way to get a sound back as it was, as the frames
#   reach half a window beyond its end. One expects the same sound from both, to the last sample.
#
#   librosax gives back the sound up to the last multiple of hop_length, and zeros after it. So a second of 22,050
#   samples has 34 of silence at its end, and 44,543 samples have 511. With a shorter hop it is less, and a length that
#   is a multiple of the hop is right. Without length the sound is cut there by both. No warning tells, and in a loss
#   between a sound and its reconstruction that part has no gradient. The frames hold that part: librosa of librosax's
#   own frames has it.
#
#   The source: `istft` in librosax/core/spectrum.py cuts half a window off by boundary=True of jax.scipy.signal.istft,
#   and then pads with zeros up to `length`. librosa cuts the end off at `length` itself.
#
# Output seen:
#   samples   n_fft   hop   zeros at the end   of librosa   error before them   error of librosa
#     22050    2048   512                 34            0             7.5e-08            8.9e-08
#     22050     512   128                 34            0             8.9e-08            6.0e-08
#     44543    2048   512                511            0             7.5e-08            8.9e-08
#     44543     512   128                127            0             8.9e-08            6.0e-08
#     16000    2048   512                128            0             7.5e-08            6.0e-08
#     16000     512   128                  0            0             8.9e-08            6.0e-08
#     22528    2048   512                  0            0             7.5e-08            8.9e-08
#     22528     512   128                  0            0             8.9e-08            6.0e-08
#     40960    2048   512                  0            0             7.5e-08            8.9e-08
#     40960     512   128                  0            0             8.9e-08            6.0e-08
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
packages=('librosax==0.1.2' 'librosa==1.0.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import librosa
import librosax
import numpy as np

seen = {}
print("samples   n_fft   hop   zeros at the end   of librosa   error before them   error of librosa")
for samples in (22_050, 44_543, 16_000, 22_528, 40_960):
    for n_fft, hop in ((2048, 512), (512, 128)):
        sound = (0.1 * np.random.default_rng(0).normal(size=samples)).astype(np.float32)
        frames = librosax.stft(jnp.array(sound), n_fft=n_fft, hop_length=hop)
        mine = np.asarray(librosax.istft(frames, n_fft=n_fft, hop_length=hop, length=samples))
        other = librosa.istft(np.asarray(frames), n_fft=n_fft, hop_length=hop, length=samples)
        zeros = [samples - 1 - int(np.flatnonzero(a)[-1]) for a in (mine, other)]
        kept = samples - zeros[0]
        errors = [float(np.abs(a - b).max()) for a, b in ((mine[:kept], sound[:kept]), (other, sound))]
        seen[samples, hop] = (*zeros, *errors)
        print(f"{samples:7}{n_fft:8}{hop:6}{zeros[0]:19}{zeros[1]:13}{errors[0]:20.1e}{errors[1]:19.1e}")
right = all(row[1] == 0 and max(row[2:]) < 1e-4 for row in seen.values())
silent = all(row[0] == samples % hop for (samples, hop), row in seen.items())
sys.exit(0 if right and silent and seen[44_543, 512][0] == 511 and seen[22_528, 512][0] == 0 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
