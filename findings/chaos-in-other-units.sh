#!/usr/bin/env bash
# complexeva gives a sine the Lyapunov exponent 7.7 and chaos 8.3, and 3.7 in other units, where 0 and 0.69 are right.
#
# Date: 2026-11-30
#
# Versions: complexeva 0.2.3, numpy 2.5.5, scipy 1.18.1, numba 0.68.1, Python 3.12, CPU.
#
# Behaviour:
#   The largest Lyapunov exponent is the rate at which two orbits that are near each other move apart: the logarithm of
#   the ratio of their distances, per unit of time. It is above 0 for chaos, 0 for a periodic orbit and below 0 for a
#   stable point. As a ratio it does not depend on the unit of the data. For the logistic map at r = 4 it is log 2.
#
#   complexeva.lyapunov_exponent returns minus the mean logarithm of the distance after one step, and never looks at the
#   distance before it. So the result falls by 4.6 if the data are in centimetres and not in metres. The map at r = 4
#   has a smaller exponent than at r = 3.7, and noise a smaller one than a sine, as orbits that stay near each other
#   count as more chaotic. A periodic orbit that repeats exactly is 0 by a special case, and so is a stable point.
#
#   The source: `lyapunov_exponent` in complexeva/sequence/lyapunov_exponent.py; a method such as that of Rosenstein
#   takes the slope of the logarithm of the distance over time.
#
# Output seen:
#   data                     complexeva   the same times 100   right
#   logistic map, r = 2.9          0.00                 0.00   -0.11
#   logistic map, r = 3.5          0.00                 0.00   -0.87
#   logistic map, r = 3.7          9.26                 4.66    0.35
#   logistic map, r = 4.0          8.32                 3.71    0.69
#   a sine                         7.72                 3.12    0.00
#   noise                          3.89
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
from complexeva.sequence.lyapunov_exponent import lyapunov_exponent


def logistic(r, size=2000):
    """An orbit of the logistic map, without its beginning."""
    value, orbit = 0.3, []
    for _ in range(size + 500):
        value = r * value * (1 - value)
        orbit.append(value)
    return np.array(orbit[500:])


seen = {}
print("data                     complexeva   the same times 100   right")
for r in (2.9, 3.5, 3.7, 4.0):
    orbit = logistic(r)
    right = float(np.mean(np.log(np.abs(r * (1 - 2 * orbit)))))
    seen[r] = float(lyapunov_exponent(orbit)), float(lyapunov_exponent(100 * orbit)), right
    print(f"logistic map, r = {r}{seen[r][0]:14.2f}{seen[r][1]:21.2f}{right:8.2f}")
wave = np.sin(np.arange(2000) * 0.1)
sine = float(lyapunov_exponent(wave)), float(lyapunov_exponent(100 * wave))
print(f"a sine                {sine[0]:13.2f}{sine[1]:21.2f}{0.0:8.2f}")
noise = float(lyapunov_exponent(np.random.default_rng(0).normal(size=2000)))
print(f"noise                 {noise:13.2f}")
units = all(abs(seen[r][0] - seen[r][1] - np.log(100)) < 1e-6 for r in (3.7, 4.0)) and sine[0] - sine[1] > 4
order = seen[3.7][0] > seen[4.0][0] > 7 and seen[3.7][2] < seen[4.0][2]
sys.exit(0 if units and order and sine[0] > 7 and noise < sine[0] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
