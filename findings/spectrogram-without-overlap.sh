#!/usr/bin/env bash
# jax.scipy.signal.istft takes noverlap=0 for half a window, so half of the signal comes back, and that half is wrong.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   A spectrogram of windows side by side is stft(x, window="boxcar", noverlap=0), and istft with the same arguments
#   gives the signal back, in scipy up to rounding. One expects the same of the two functions of jax, or an error.
#
#   jax's stft honours noverlap=0, and its istft does not: it returns a signal of half the length, with an error as
#   large as the signal. A window of odd length, for which stft works, is refused by istft with a TypeError about
#   shapes. The segments that scipy.signal.istft is given are the very ones that jax's stft made.
#
#   The source: `istft` in jax/_src/scipy/signal.py says `noverlap or nperseg_int // 2`, where `_spectral_helper`,
#   which stft uses, asks `noverlap is None`. It also computes an `nfft_int` that is one more for an odd window, and
#   then calls irfft with n=nfft, the argument, which is None.
#
# Output seen:
#   signal of length 248, and its largest number 2.55
#   overlap by half  scipy.signal       length  256, largest error  9.5e-07
#   overlap by half  jax.scipy.signal   length  256, largest error  7.2e-07
#   overlap of 1     scipy.signal       length  248, largest error  4.8e-07
#   overlap of 1     jax.scipy.signal   length  248, largest error  3.0e-07
#   no overlap       scipy.signal       length  256, largest error  3.6e-07
#   no overlap       jax.scipy.signal   length  128, largest error  3.1e+00
#   odd window       scipy.signal       length  256, largest error  9.5e-07
#   odd window       jax.scipy.signal   TypeError mul got incompatible shapes for broadcasting: (3
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import jax.scipy.signal
import numpy as np
import scipy.signal

CASES = {
    "overlap by half": {"nperseg": 32, "noverlap": 16},
    "overlap of 1": {"nperseg": 32, "noverlap": 1, "window": "boxcar"},
    "no overlap": {"nperseg": 32, "noverlap": 0, "window": "boxcar"},
    "odd window": {"nperseg": 33},
}
x = np.random.RandomState(0).randn(248).astype(np.float32)
seen = {}
print("signal of length 248, and its largest number", round(float(np.abs(x).max()), 2))
for name, options in CASES.items():
    segments = jax.scipy.signal.stft(jnp.asarray(x), **options)[2]
    for module in (scipy.signal, jax.scipy.signal):
        try:
            back = np.asarray(module.istft(np.asarray(segments), **options)[1])
            common = min(len(back), len(x))
            seen[name, module] = len(back) >= len(x), float(np.abs(back[:common] - x[:common]).max())
            text = f"length {len(back):4}, largest error {seen[name, module][1]:8.1e}"
        except TypeError as error:
            seen[name, module] = None
            text = f"{type(error).__name__} {str(error)[:48]}"
        print(f"{name:16} {module.__name__:18} {text}")

right = all(seen[name, scipy.signal][0] and seen[name, scipy.signal][1] < 1e-4 for name in CASES)
same = all(seen[name, jax.scipy.signal][1] < 1e-4 for name in ("overlap by half", "overlap of 1"))
half = not seen["no overlap", jax.scipy.signal][0] and seen["no overlap", jax.scipy.signal][1] > 1
sys.exit(0 if right and same and half and seen["odd window", jax.scipy.signal] is None else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
