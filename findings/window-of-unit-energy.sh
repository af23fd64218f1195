#!/usr/bin/env bash
# korvax.istft gives a sound back 384 times too quiet if the window has unit energy, where scipy gives the sound back.
#
# Date: 2026-11-30
#
# Versions: korvax 0.3.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   An inverse of the short-time Fourier transform with the same window gives the sound back, whatever the scale of the
#   window, as the sum of its squares divides the result. korvax's stft and istft take a window as an array. Windows are
#   often scaled: to unit energy, so that a spectrum keeps its power, or to unit sum, so that a sine keeps its height.
#
#   istft multiplies the sound by the square of the window's peak. With a window of unit energy the sound is 384 times
#   too quiet, with one of unit sum 262,144 times, and with one of twice the height it is 4 times too loud. The shape of
#   the sound is right. griffin_lim has the same error, as it ends in istft. A window by its name has a peak of 1, and
#   is right. scipy.signal gives the sound back with each window.
#
#   The source: `istft` in korvax/transforms/fourier.py divides by the sum of squares of the window over its peak, and
#   multiplies by the window without that.
#
# Output seen:
#   window            peak   height of the sound   in scipy   height after griffin_lim
#   "hann"        1.000000            0.99999994   1.000000                 0.97094637
#   hann          1.000000            0.99999994   1.000000                 0.97094637
#   twice         2.000000            3.99999976   1.000000                 3.88378572
#   unit energy   0.051031            0.00260417   1.000000                 0.00252845
#   unit sum      0.001953            0.00000381   1.000000                 0.00000305
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
packages=('korvax==0.3.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import korvax
import numpy as np
from scipy import signal

SIZE, FRAME, HOP = 16_384, 1024, 256
sound = np.sin(0.05 * np.arange(SIZE) + 1e-6 * np.arange(SIZE) ** 2).astype(np.float32)
middle = slice(2 * FRAME, -2 * FRAME)
hann = signal.get_window("hann", FRAME)
windows = {
    '"hann"': "hann",
    "hann": hann,
    "twice": 2 * hann,
    "unit energy": hann / np.sqrt((hann**2).sum()),
    "unit sum": hann / hann.sum(),
}


def height(result):
    return float(np.dot(sound[middle], result[middle]) / np.dot(sound[middle], sound[middle]))


seen = {}
print("window            peak   height of the sound   in scipy   height after griffin_lim")
for name, window in windows.items():
    array = hann if isinstance(window, str) else window
    ours = window if isinstance(window, str) else jnp.asarray(window, jnp.float32)
    options = {"n_fft": FRAME, "hop_length": HOP, "window": ours}
    spectrum = korvax.stft(jnp.asarray(sound), **options)
    back = np.asarray(korvax.istft(spectrum, length=SIZE, **options))
    again = np.asarray(korvax.griffin_lim(jnp.abs(spectrum), n_iter=8, length=SIZE, **options))
    _, _, other = signal.stft(sound, window=array, nperseg=FRAME, noverlap=FRAME - HOP)
    _, other = signal.istft(other, window=array, nperseg=FRAME, noverlap=FRAME - HOP)
    loud = np.sqrt(np.mean(again[middle] ** 2) / np.mean(sound[middle] ** 2))
    row = array.max(), height(back), height(other[:SIZE]), float(loud)
    seen[name] = row
    print(f"{name:12}{row[0]:10.6f}{row[1]:22.8f}{row[2]:11.6f}{row[3]:27.8f}")
    shape = np.corrcoef(sound[middle], back[middle])[0, 1]
    assert shape > 0.999
wrong = all(abs(row[1] / row[0] ** 2 - 1) < 1e-3 for row in seen.values())
right = all(abs(row[2] - 1) < 1e-5 for row in seen.values()) and abs(seen["hann"][1] - 1) < 1e-5
sys.exit(0 if right and wrong and seen["unit energy"][1] < 0.01 and seen["unit energy"][3] < 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
