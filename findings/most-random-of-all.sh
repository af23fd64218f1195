#!/usr/bin/env bash
# biosonic gives the most random distribution, the uniform one, an entropy of 0, as if it were certain.
#
# Date: 2026-11-30
#
# Versions: biosonic 0.1.8, numpy 2.5.5, scipy 1.18.1, pandas 2.3.3, Python 3.12, CPU.
#
# Behaviour:
#   The Shannon entropy of eight equal chances is 3 bits, the most that eight chances can have. One chance that is
#   certain has 0.
#
#   shannon_entropy of biosonic gives 0 for the eight equal chances. It gives 3.0 when two of them differ by a
#   millionth. So the value jumps from the most to the least. A short click has a flat spectrum, the same power at all
#   frequencies. Its power_spectral_entropy is 0, which is the value of a pure tone.
#
#   An example in the docstring shows the 0 for two equal chances, next to a maximum of 1. The same docstring promises
#   the Shannon entropy. That of two equal chances is 1 bit.
#
#   The source: `shannon_entropy` in biosonic/compute/utils.py returns 0.0 before it sums, when all chances are equal to
#   the first.
#
# Output seen:
#   8 equal chances      biosonic 0.0000 bits, scipy 3.0000
#   8 nearly equal       biosonic 3.0000 bits, scipy 3.0000
#   one that is certain  biosonic 0.0000 bits, scipy 0.0000
#   click                biosonic 0.0000, right 1.0000 (of 1)
#   click and a whisper  biosonic 1.0000, right 1.0000 (of 1)
#   tone                 biosonic 0.0000, right 0.0000 (of 1)
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
from biosonic.compute.spectral import power_spectral_entropy
from biosonic.compute.utils import shannon_entropy
from scipy.stats import entropy

equal = np.full(8, 1 / 8)
nearly = equal + np.array([1e-6, -1e-6, 0, 0, 0, 0, 0, 0])
certain = np.array([1.0])
results = []
for name, chances in (("8 equal chances", equal), ("8 nearly equal", nearly), ("one that is certain", certain)):
    own = shannon_entropy(chances, norm=False)[0]
    results.append(own)
    print(f"{name:20} biosonic {own:.4f} bits, scipy {entropy(chances, base=2):.4f}")
click = np.zeros(1024)
click[0] = 1.0
tone = np.sin(2 * np.pi * 64 * np.arange(1024) / 1024)
for name, sound in (("click", click), ("click and a whisper", click + 1e-3 * np.eye(1024)[5]), ("tone", tone)):
    own = power_spectral_entropy(sound, sr=8000, norm=True)[0]
    power = np.abs(np.fft.rfft(sound)) ** 2
    right = entropy(power / power.sum()) / np.log(len(power))
    results.append(own)
    print(f"{name:20} biosonic {own:.4f}, right {right:.4f} (of 1)")
expected = [0, 3, 0, 0, 1, 0]
sys.exit(0 if np.allclose(results, expected, atol=1e-3) and entropy(equal, base=2) == 3 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
