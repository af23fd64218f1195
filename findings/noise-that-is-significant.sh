#!/usr/bin/env bash
# atmos_toolbox.rednoise_sig finds 23% of the frequencies of noise significant at 5% by "periodogram", 5% by "fft".
#
# Date: 2026-11-30
#
# Versions: atmos-toolbox 3.6.2, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   rednoise_sig of atmos_toolbox compares a spectrum with that of red noise, an AR(1) process of the same variance and
#   memory, and marks the frequencies above a threshold of 95%. Of a series that is red noise some 5% are marked. Its
#   argument method says how the spectrum is computed, "fft" or "periodogram".
#
#   With "periodogram" some 23% of the frequencies of pure noise are marked at 95%, and 10% at 99%, where 1% is meant.
#   With "fft" 5% and 1% are. The spectrum of the one is twice that of the other, and the threshold is the same. So a
#   series of noise with 200 values has some 22 significant periods among its 100.
#
#   The source: `rednoise_sig` in atmos_toolbox/stats_func.py calls scipy.signal.periodogram, which by default adds the
#   power of the negative frequencies to that of the positive ones. The red noise that it is compared with has the
#   positive ones alone.
#
# Output seen:
#   memory   method         marked at 95%   marked at 99%   mean of spectrum / red noise
#      0.0   fft                    0.048           0.008                           1.00
#      0.0   periodogram            0.226           0.100                           2.00
#      0.5   fft                    0.049           0.008                           1.00
#      0.5   periodogram            0.226           0.101                           2.00
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
packages=('atmos-toolbox==3.6.2' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from atmos_toolbox.stats_func import rednoise_sig


def red_noise(memory, size, rng):
    """An AR(1) process."""
    series = rng.normal(size=size)
    for i in range(1, size):
        series[i] += memory * series[i - 1]
    return series


seen = {}
print("memory   method         marked at 95%   marked at 99%   mean of spectrum / red noise")
for memory in (0.0, 0.5):
    for method in ("fft", "periodogram"):
        rng = np.random.default_rng(0)
        marked, ratio = {0.95: [], 0.99: []}, []
        for _ in range(500):
            series = red_noise(memory, 200, rng)
            for level in marked:
                _, spectrum, red, _, mask = rednoise_sig(series, conf_level=level, method=method)
                marked[level].append(mask[:-1].mean())
            ratio.append((spectrum / red)[:-1].mean())
        seen[memory, method] = float(np.mean(marked[0.95])), float(np.mean(marked[0.99])), float(np.mean(ratio))
        low, high, mean = seen[memory, method]
        print(f"{memory:6.1f}   {method:13}{low:15.3f}{high:16.3f}{mean:31.2f}")
right = all(abs(seen[memory, "fft"][0] - 0.05) < 0.01 and seen[memory, "fft"][1] < 0.02 for memory in (0.0, 0.5))
wrong = all(seen[memory, "periodogram"][0] > 0.18 and seen[memory, "periodogram"][1] > 0.08 for memory in (0.0, 0.5))
sys.exit(0 if right and wrong and all(seen[memory, "periodogram"][2] > 1.8 for memory in (0.0, 0.5)) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
