#!/usr/bin/env bash
# complexeva.hfd gives a straight line the fractal dimension 0.01 and noise 1.01, where 1 and 2 are right.
#
# Date: 2026-11-30
#
# Versions: complexeva 0.2.3, numpy 2.5.5, scipy 1.18.1, numba 0.68.1, Python 3.12, CPU.
#
# Behaviour:
#   The dimension of Higuchi is 1 for a smooth curve, 2 for white noise and 1.5 for Brownian motion; 2 - H for a
#   fractional one with the Hurst exponent H. The length of the curve at a step k is L(k), which goes as k to the power
#   of minus the dimension. complexeva's own validate.py draws 2 - H beside its results.
#
#   complexeva.hfd gives 0.01 for a straight line, 1.01 for noise and 0.52 for Brownian motion. A dimension below 1 is
#   impossible for a curve. Each is about 1 too small, so the curve of a smooth signal passes for a point, and a
#   comparison with published values finds each signal too simple. The difference of two signals is nearly right, which
#   hides it.
#
#   The source: `compute_L_x` in complexeva/sequence/higuchi.py divides the length at a step k once by k, for the number
#   of steps; Higuchi divides it by k once more, for the length of a step. It also leaves out the last step of most
#   curves, and counts it.
#
# Output seen:
#   signal            complexeva   by Higuchi's definition   theory
#   a straight line        0.010                     1.000      1.0
#   a slow sine            0.020                     1.005      1.0
#   Brownian motion        0.481                     1.465      1.5
#   white noise            1.011                     2.001      2.0
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
packages=('complexeva==0.2.3' 'numpy==2.5.5' 'scipy==1.18.1' 'numba==0.68.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from complexeva.sequence.higuchi import hfd


def higuchi(series, largest=64):
    """The dimension as Higuchi (1988) defines it."""
    size, lengths, steps = len(series), [], np.arange(1, largest + 1)
    for k in steps:
        parts = []
        for m in range(k):
            count = (size - 1 - m) // k
            way = np.abs(np.diff(series[m : m + count * k + 1 : k])).sum()
            parts.append(way * (size - 1) / (count * k) / k)
        lengths.append(np.mean(parts))
    return np.polyfit(np.log(1 / steps), np.log(lengths), 1)[0]


rng = np.random.default_rng(0)
CASES = {
    "a straight line": (np.arange(2000.0), 1.0),
    "a slow sine": (np.sin(np.arange(2000) / 300), 1.0),
    "Brownian motion": (np.cumsum(rng.normal(size=2000)), 1.5),
    "white noise": (rng.normal(size=2000), 2.0),
}
seen = {}
print("signal            complexeva   by Higuchi's definition   theory")
for name, (series, theory) in CASES.items():
    seen[name] = float(hfd(series)), float(higuchi(series)), theory
    print(f"{name:18}{seen[name][0]:10.3f}{seen[name][1]:26.3f}{theory:9.1f}")
right = all(abs(row[1] - row[2]) < 0.1 for row in seen.values())
low = all(0.9 < row[1] - row[0] < 1.05 for row in seen.values())
sys.exit(0 if right and low and seen["a straight line"][0] < 0.1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
