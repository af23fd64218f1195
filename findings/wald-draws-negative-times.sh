#!/usr/bin/env bash
# jax.random.wald draws negative times: 17% of them with a mean of 10,000, and 45% with a million.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The Wald or inverse Gaussian distribution is that of the first time at which a drifting particle reaches a
#   line: reaction times, failures, prices. No draw is 0 or less. jax has no scale, so lambda * wald(key, mu /
#   lambda) is a draw with the mean mu and the shape lambda, and a mean of 10,000 is a slow drift.
#
#   From a mean of a thousand on some draws are negative, with 10,000 it is 17% of them, and with a million 45%;
#   the mean of all is near enough to hide it. _wald (jax/_src/random/core.py) subtracts mean / 2 *
#   sqrt(4 mean y + mean**2 y**2) from mean + mean**2 y / 2. Both are about mean**2 y, the difference is about 1,
#   and float32 has seven digits. With dtype=float64 a million is right. The documentation of jax.random.wald
#   says nothing of a range. numpy had the same formula, whose failure begins later in its float64, and replaced
#   it in 2025 (numpy pull request 29609).
#
# Output seen:
#                   draws < 0   smallest   distance from the right distribution function
#   float32  1e+01   0.000      0.06143    0.009
#   float32  1e+03   0.004      -0.4453    0.011
#   float32  1e+04   0.174       -82.88    0.179
#   float32  1e+05   0.361        -7074    0.380
#   float32  1e+06   0.445   -4.891e+05    0.463
#   float64  1e+06   0.000      0.05731    0.004
#   numpy    1e+06   0.000      0.04951    0.004
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

import jax
import numpy as np
from scipy.stats import invgauss, kstest


def draws(mean, dtype):
    """Twenty thousand draws of a standard Wald distribution."""
    return np.asarray(jax.random.wald(jax.random.key(0), mean, (20_000,), dtype), np.float64)


print("                draws < 0   smallest   distance from the right distribution function")
seen = {}
with jax.enable_x64(True):
    for mean, dtype in (*((10.0**power, "float32") for power in (1, 3, 4, 5, 6)), (1e6, "float64")):
        times = draws(mean, dtype)
        away = kstest(times, invgauss(mean).cdf).statistic
        seen[mean, dtype] = (times < 0).mean(), away
        print(f"{dtype}  {mean:.0e}{(times < 0).mean():8.3f}{times.min():13.4g}{away:9.3f}")
numbers = np.random.default_rng(0).wald(1e6, 1.0, 20_000)
away = kstest(numbers, invgauss(1e6).cdf).statistic
print(f"numpy    {1e6:5.0e}{(numbers < 0).mean():8.3f}{numbers.min():13.4g}{away:9.3f}")
wrong = seen[1e4, "float32"][0] > 0.1 and seen[1e6, "float32"][0] > 0.4
right = seen[1e6, "float64"][0] == 0 and max(seen[1e6, "float64"][1], seen[10.0, "float32"][1], away) < 0.02
sys.exit(0 if wrong and right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
