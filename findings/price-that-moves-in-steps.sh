#!/usr/bin/env bash
# greeks_package values an option alike at 99.1 and 100.9, and 1.2 dearer at 101.1: it answers for the next grid point.
#
# Date: 2026-11-30
#
# Versions: greeks-package 1.2.2, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, yfinance 1.7.0, plotly 7.1.0, Python 3.12,
#   CPU.
#
# Behaviour:
#   FDM of greeks_package values an option by finite differences at the price S0 of the share, "option price at S0", and
#   delta, gamma and theta there. The grid has 200 steps from 0 to 4 times the strike, so a step is 2% of the strike.
#
#   The result is that of the grid point which is next to S0. With a strike of 100 the price is the same for each S0
#   between 99 and 101, 4.59, where the formula of Black and Scholes goes from 4.12 at 99.1 to 5.14 at 100.9. At 101.1
#   it jumps to 5.81. The error is up to 12% of the price here, much more than that of the method: at a grid point the
#   price is right to 0.02. An implied volatility, a difference of two prices as a delta, or a profit by days comes out
#   as steps. For an index at 2,510 with a strike of 2,500 the price is 6 too low. The other values on the grid, V_grid,
#   are there; np.interp of them is right to 0.03.
#
#   The source: `FDM` in greeks_package/fdm.py takes the index of the smallest |S - S0| and returns V at this place.
#
# Output seen:
#   S0       FDM    formula   interpolated on the grid   delta of FDM   its formula
#    99.1    4.595     4.119                      4.118          0.569         0.534
#    99.5    4.595     4.335                      4.330          0.569         0.550
#   100.0    4.595     4.615                      4.595          0.569         0.569
#   100.5    4.595     4.905                      4.899          0.569         0.589
#   100.9    4.595     5.143                      5.143          0.569         0.604
#   101.1    5.812     5.265                      5.264          0.645         0.612
#   102.0    5.812     5.831                      5.812          0.645         0.645
#   an index at 2,510, strike 2,500: 68.54, formula 74.91
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
packages=('greeks-package==1.2.2' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1' 'yfinance==1.7.0' 'plotly==7.1.0')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from greeks_package.fdm import FDM
from scipy.stats import norm


def black_scholes(spot, strike=100.0, rate=0.05, volatility=0.2, years=0.25):
    """The price of a European call."""
    d1 = (np.log(spot / strike) + (rate + volatility**2 / 2) * years) / volatility / np.sqrt(years)
    return spot * norm.cdf(d1) - strike * np.exp(-rate * years) * norm.cdf(d1 - volatility * np.sqrt(years))


seen = {}
print("S0       FDM    formula   interpolated on the grid   delta of FDM   its formula")
for spot in (99.1, 99.5, 100.0, 100.5, 100.9, 101.1, 102.0):
    result = FDM(spot, 100.0, 0.2, 0.05, 0.25, psor=False, silent=True, NTS=500)
    between = float(np.interp(spot, result.S_grid, result.V_grid))
    step = 1e-4
    delta = (black_scholes(spot + step) - black_scholes(spot - step)) / (2 * step)
    seen[spot] = float(result.price), float(black_scholes(spot)), between, float(result.delta), float(delta)
    row = seen[spot]
    print(f"{spot:5.1f}{row[0]:9.3f}{row[1]:10.3f}{row[2]:27.3f}{row[3]:15.3f}{row[4]:14.3f}")
index = float(FDM(2510.0, 2500.0, 0.2, 0.05, 0.1, psor=False, silent=True, NTS=500).price)
right = float(black_scholes(2510.0, 2500.0, years=0.1))
print(f"an index at 2,510, strike 2,500: {index:.2f}, formula {right:.2f}")
flat = len({seen[spot][0] for spot in (99.1, 99.5, 100.0, 100.5, 100.9)}) == 1
jump = seen[101.1][0] - seen[100.9][0] > 1.1 and right - index > 5
fine = all(abs(row[2] - row[1]) < 0.05 for row in seen.values()) and abs(seen[100.0][0] - seen[100.0][1]) < 0.03
sys.exit(0 if flat and jump and fine else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
