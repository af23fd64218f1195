#!/usr/bin/env bash
# jax.scipy.signal.welch takes the whole signal as one segment by default, so it averages nothing.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   Welch's method cuts a signal into segments and averages their spectra, and that average is why one takes it. The
#   docstrings of jax.scipy.signal.welch and csd say that nperseg is 256 by default, as in scipy, and so does that of
#   stft.
#
#   Only stft does that. welch and csd take a segment as long as the signal, whatever its length: the result is a
#   single periodogram, whose deviation is as large as the spectrum itself, and more samples do not help. The
#   coherence of two unrelated signals, computed from csd and welch, is then exactly 1 at each frequency, where
#   scipy's default finds about 0. With nperseg=256 all of it is as in scipy. detrend is documented as "Can be False
#   (default...)" and is "constant" by default, as in scipy.
#
#   The source: `welch` and `csd` in jax/_src/scipy/signal.py have nperseg=None and hand it to `_spectral_helper`,
#   which gives `_triage_segments` of scipy the length of the input, and that takes it where nperseg is None and the
#   window is a name. scipy's csd and welch set 256 before.
#
# Output seen:
#   white noise, whose spectrum is 2    bins  mean  deviation  its coherence with other noise
#   scipy.signal      {}                       125  1.99       0.07      0.000 to 0.008
#   scipy.signal      {'nperseg': 256}         125  1.99       0.07      0.000 to 0.008
#   jax.scipy.signal  {}                     49997  1.99       2.00      1.000 to 1.000
#   jax.scipy.signal  {'nperseg': 256}         125  1.99       0.07      0.000 to 0.008
#   frequencies of stft by default: 129
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

import jax.scipy.signal
import numpy as np
import scipy.signal

random = np.random.RandomState(0)
x, y = random.randn(2, 100_000).astype(np.float32)


def coherence(module, **options):
    cross = module.csd(x, y, **options)[1]
    return np.abs(np.asarray(cross)) ** 2 / np.asarray(module.welch(x, **options)[1] * module.welch(y, **options)[1])


seen = {}
print("white noise, whose spectrum is 2    bins  mean  deviation  its coherence with other noise")
for module in (scipy.signal, jax.scipy.signal):
    for options in ({}, {"nperseg": 256}):
        spectrum = np.asarray(module.welch(x, **options)[1])[2:-2]
        both = coherence(module, **options)[2:-2]
        seen[module, bool(options)] = len(spectrum), float(spectrum.std()), float(both.mean()), float(both.min())
        text = f"{len(spectrum):10}{spectrum.mean():6.2f}{spectrum.std():11.2f}"
        print(f"{module.__name__:18}{options!s:18}{text}      {both.min():.3f} to {both.max():.3f}")
print("frequencies of stft by default:", len(jax.scipy.signal.stft(x)[0]))

good = [seen[scipy.signal, False], seen[scipy.signal, True], seen[jax.scipy.signal, True]]
right = all(row[0] < 130 and row[1] < 0.2 and row[2] < 0.01 for row in good)
count, deviation, _, lowest = seen[jax.scipy.signal, False]
wrong = count > 40_000 and deviation > 1.5 and lowest > 0.98
documented = "default: 256" in jax.scipy.signal.welch.__doc__ and "default: 256" in jax.scipy.signal.csd.__doc__
sys.exit(0 if right and wrong and documented else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
