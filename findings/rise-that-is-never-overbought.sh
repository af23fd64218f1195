#!/usr/bin/env bash
# finind's RSI of a price that rises each day is NaN, where it is 100, so such a price is never "overbought".
#
# Date: 2026-11-30
#
# Versions: finind 0.2.1, numpy 2.5.5, pandas 3.1.1, Python 3.12, CPU.
#
# Behaviour:
#   The relative strength index of Wilder is 100 - 100 / (1 + gain / loss). It is 100 if there was no loss, the highest
#   value there is, and 0 if there was no gain. Above 70 a price is called overbought.
#
#   finind's rsi is NaN if no day of the series lost, and rsi_signal then says that the price is not overbought. A price
#   that fell by a hundredth in its first day and then rose for 58 days has 99.99. One that falls each day has 0, which
#   is right, so the two cases are not treated alike. A new share that only rises, or a fund of daily interest, has no
#   RSI at all.
#
#   The source: `rsi` in finind/indicators.py replaces a loss of 0 by NaN before it divides.
#
# Output seen:
#   price                  finind's RSI   by its definition   overbought   oversold
#   rises each day                  nan              100.00        False      False
#   1% interest each day            nan              100.00        False      False
#   0.01 down, then up            99.99               99.99         True      False
#   falls each day                 0.00                0.00        False       True
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
packages=('finind==0.2.1' 'numpy==2.5.5' 'pandas==3.1.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
import pandas as pd
from finind.indicators import rsi
from finind.signals import rsi_signal


def wilder(prices, period=14):
    """The index by its definition, with Wilder's smoothing."""
    changes = np.diff(prices)
    gain = loss = None
    for change in changes:
        up, down = max(change, 0.0), max(-change, 0.0)
        gain = up if gain is None else (gain * (period - 1) + up) / period
        loss = down if loss is None else (loss * (period - 1) + down) / period
    return 100 * gain / (gain + loss) if gain + loss else float("nan")


CASES = {
    "rises each day": np.arange(100.0, 160.0),
    "1% interest each day": 100 * 1.01 ** np.arange(60),
    "0.01 down, then up": np.concatenate([[100.0, 99.99], np.arange(100.0, 158.0)]),
    "falls each day": np.arange(160.0, 100.0, -1),
}
seen = {}
print("price                  finind's RSI   by its definition   overbought   oversold")
for name, prices in CASES.items():
    own = rsi(pd.Series(prices))
    signal = rsi_signal(own).iloc[-1]
    seen[name] = float(own.iloc[-1]), wilder(prices), bool(signal["rsi_overbought"]), bool(signal["rsi_oversold"])
    row = seen[name]
    print(f"{name:21}{row[0]:14.2f}{row[1]:20.2f}{row[2]!s:>13}{row[3]!s:>11}")
lost = all(np.isnan(seen[name][0]) and seen[name][1] == 100 and not seen[name][2] for name in list(CASES)[:2])
right = all(abs(seen[name][0] - seen[name][1]) < 0.1 for name in list(CASES)[2:])
sys.exit(0 if lost and right and seen["0.01 down, then up"][2] and seen["falls each day"][3] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
