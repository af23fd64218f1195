#!/usr/bin/env bash
# fracjax's Amihud illiquidity falls to a tenth by a stock split, and its Hill index is 3.8 where 3 is right.
#
# Date: 2026-11-30
#
# Versions: fracjax 0.1.1, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, tqdm 4.70.1, Python
#   3.12, CPU.
#
# Behaviour:
#   Amihud's illiquidity is the mean of the absolute return of a day over the money that was traded on it. A stock split
#   changes neither, so it stays. In cents, with 100 times the money, it is a hundredth. Hill's index of a tail is the
#   inverse of the mean logarithm of the k largest moves over the next one, the (k + 1)-th.
#
#   fracjax.create_market_microscope("amihud") takes the change of the price, not the return. After a split of 1 to 10 a
#   stock is ten times as liquid, in cents it is as before, and a price of 100 has a hundred times the illiquidity of
#   the formula, so that two stocks cannot be compared. With "entropy_hill" a tail of index 3 has the index 3.8 in the
#   default window of 100: of five logarithms one is 0.
#
#   The source: `amihud_illiquidity_kernel` in fracjax/estimators/microstructure.py takes the difference of the closes.
#   `hill_estimator_kernel` in fracjax/estimators/entropy.py divides the k largest by the k-th, itself one of them, and
#   takes the mean over all k.
#
# Output seen:
#   Amihud's illiquidity            fracjax        formula
#   as traded                     7.979e-03      8.166e-05
#   after a split 1 to 10         7.979e-04      8.166e-05
#   prices in cents               7.979e-03      8.166e-07
#   tail index of Pareto's law with 3, mean of 1 / index over 200 windows
#     fracjax 3.83   Hill's formula 3.03
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
packages=(
  'fracjax==0.1.1' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1' 'tqdm==4.70.1'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from fracjax import create_market_microscope

WINDOW, DAYS, TAIL = 100, 20_100, 3.0
rng = np.random.default_rng(0)
close = 100 * np.exp(np.cumsum(rng.normal(size=300) * 0.01))
volume = rng.uniform(5e5, 2e6, size=300)
amihud = create_market_microscope("amihud", window_size=WINDOW)


def bars(price, traded):
    return np.stack([price, price * 1.01, price * 0.99, price, traded], 1)


def right(price, traded):
    change = np.abs(np.diff(price[-WINDOW:]) / price[-WINDOW:-1])
    return np.mean(change / (price * traded)[-WINDOW + 1 :]) * 1e6


seen = {}
print("Amihud's illiquidity            fracjax        formula")
for name, factor in (("as traded", 1), ("after a split 1 to 10", 10), ("prices in cents", 0.01)):
    shares = volume * factor if factor == 10 else volume
    price = close / factor
    value = price * shares
    seen[name] = float(amihud(bars(price, shares))[-1]), float(right(price, shares))
    print(f"{name:25}{seen[name][0]:14.3e}{seen[name][1]:15.3e}")
size = (rng.pareto(TAIL, DAYS) + 1) * 1e-3
moves = size * rng.choice([-1, 1], DAYS)
hill = np.asarray(create_market_microscope("entropy_hill", window_size=WINDOW)(100 * np.exp(np.cumsum(moves))))
hill = hill[np.isfinite(hill)][::WINDOW]
ranked = np.sort(size[: DAYS // WINDOW * WINDOW].reshape(-1, WINDOW), axis=1)[:, ::-1]
usual = np.log(ranked[:, :5] / ranked[:, 5:6]).mean(1)
print(f"tail index of Pareto's law with 3, mean of 1 / index over {len(hill)} windows")
index = 1 / np.mean(1 / hill), 1 / usual.mean()
print(f"  fracjax {index[0]:.2f}   Hill's formula {index[1]:.2f}")
rows = list(seen.values())
right_split = abs(rows[1][1] / rows[0][1] - 1) < 1e-6 and abs(rows[2][1] / rows[0][1] - 0.01) < 1e-6
wrong_split = abs(rows[1][0] / rows[0][0] - 0.1) < 1e-3 and abs(rows[2][0] / rows[0][0] - 1) < 1e-3
sys.exit(0 if right_split and wrong_split and 3.6 < index[0] < 4.1 and 2.8 < index[1] < 3.25 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
