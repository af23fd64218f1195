#!/usr/bin/env bash
# biosonic has 2303 mel for a tone of 1000 Hz, which is 1000 mel by definition: its formula has the wrong logarithm.
#
# Date: 2026-11-30
#
# Versions: biosonic 0.1.8, numpy 2.5.5, scipy 1.18.1, pandas 2.3.3, Python 3.12, CPU.
#
# Behaviour:
#   The mel scale gives a tone of 1000 Hz the pitch of 1000 mel. O'Shaughnessy's formula is 2595 log10(1 + f / 700), in
#   which the logarithm is the decimal one.
#
#   hz_to_mel of biosonic names O'Shaughnessy's book for its default formula. It takes the natural logarithm with the
#   same 2595. All pitches are 2.3 times as high: 1000 Hz is 2303 mel. The other formulas of the same function give 693
#   (Fant, whose own factor is 1000 / ln 2) and 997 (Umesh). Pitches from other tools become wrong frequencies in
#   mel_to_hz: 1000 mel is 329 Hz. The mel points that mel_filterbank returns have the same factor. Its filters are
#   right, since the factor cancels.
#
#   The source: `hz_to_mel` and `mel_to_hz` in biosonic/compute/utils.py use np.log and np.exp for all scales. The
#   docstring calls this formula one "as fant, but with a=2595, b=700".
#
# Output seen:
#      100 Hz: biosonic   346.5 mel, with log10   150.5, ratio 2.3026
#     1000 Hz: biosonic  2302.6 mel, with log10  1000.0, ratio 2.3026
#     4000 Hz: biosonic  4941.5 mel, with log10  2146.1, ratio 2.3026
#   1000 Hz: fant 693.1 mel, umesh 997.0; 1000 ln(1 + f / 1000) / ln 2 = 1000.0
#   1000 mel: biosonic 329.1 Hz, right 1000.0
#   there and back: 1000.0 Hz
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
packages=('biosonic==0.1.8' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==2.3.3')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from biosonic.compute.utils import hz_to_mel, mel_to_hz

ratios = []
for hertz in (100.0, 1000.0, 4000.0):
    own = float(hz_to_mel(hertz))
    decimal = 2595 * np.log10(1 + hertz / 700)
    ratios.append(own / decimal)
    print(f"{hertz:6.0f} Hz: biosonic {own:7.1f} mel, with log10 {decimal:7.1f}, ratio {own / decimal:.4f}")
fant, umesh = (float(hz_to_mel(1000.0, after=name)) for name in ("fant", "umesh"))
print(f"1000 Hz: fant {fant:.1f} mel, umesh {umesh:.1f}; 1000 ln(1 + f / 1000) / ln 2 = {1000 * np.log2(2):.1f}")
back = float(mel_to_hz(1000.0))
print(f"1000 mel: biosonic {back:.1f} Hz, right {700 * (10 ** (1000 / 2595) - 1):.1f}")
print(f"there and back: {float(mel_to_hz(hz_to_mel(1000.0))):.1f} Hz")
wrong = np.allclose(ratios, np.log(10), rtol=1e-4) and abs(fant - 693.1) < 0.1 and abs(back - 329.1) < 0.1
sys.exit(0 if wrong and abs(umesh - 997) < 0.5 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
