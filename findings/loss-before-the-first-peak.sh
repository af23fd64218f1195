#!/usr/bin/env bash
# jaxfolio.max_drawdown of a portfolio that loses half on its first day is 0, and its Calmar ratio is infinite.
#
# Date: 2026-11-30
#
# Versions: jaxfolio 0.1.1, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, optax 0.2.8,
#   matplotlib 3.11.2, Python 3.12, CPU.
#
# Behaviour:
#   A maximum drawdown is the largest fall of wealth from a peak before it. The money that is put in is such a peak. The
#   docstring of jaxfolio's cumulative_returns, from which the drawdown comes, says that the path of wealth starts from
#   1.
#
#   It starts after the first return, so what is lost before the first rise is never counted. A portfolio that loses
#   half on its first day has a drawdown of 0, and of -0.5 if a day without a return stands before. The Calmar ratio,
#   which divides by it, is infinite: -inf at a loss and inf at a gain. `summary` and the report of a walk-forward
#   backtest have the same numbers, and a window that begins with a fall looks better than the same one a day longer.
#
#   The source: `cumulative_returns` in jaxfolio/backtest/metrics.py is the running product of 1 + r without a 1 in
#   front, and `drawdown_series` takes its peaks from that.
#
# Output seen:
#   returns                      wealth from 1 on: low, end   max_drawdown     right   calmar_ratio
#   falls by half, then rises                  0.500  0.642          0.000    -0.500           -inf
#   the same, one day later                    0.500  0.642         -0.500    -0.500          -0.72
#   one month, falls each day                  0.527  0.527         -0.456    -0.473          -2.19
#   only one day                               0.800  0.800          0.000    -0.200           -inf
#   a random year                              0.897  0.992         -0.016    -0.103          -0.49
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
  'jaxfolio==0.1.1' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1' 'optax==0.2.8'
  'matplotlib==3.11.2'
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
from jaxfolio.backtest import metrics

rng = np.random.default_rng(0)
CASES = {
    "falls by half, then rises": np.r_[-0.5, np.full(250, 0.001)],
    "the same, one day later": np.r_[0.0, -0.5, np.full(250, 0.001)],
    "one month, falls each day": np.full(21, -0.03),
    "only one day": np.array([-0.2]),
    "a random year": np.r_[-0.1, rng.normal(0.0004, 0.002, 251)],
}
seen = {}
print("returns                      wealth from 1 on: low, end   max_drawdown     right   calmar_ratio")
for name, returns in CASES.items():
    wealth = np.r_[1.0, np.cumprod(1 + returns)]
    right = float((wealth / np.maximum.accumulate(wealth) - 1).min())
    ours, calmar = metrics.max_drawdown(returns), metrics.calmar_ratio(returns)
    seen[name] = ours, right, calmar
    print(f"{name:27}{wealth.min():21.3f}{wealth[-1]:7.3f}{ours:15.3f}{right:10.3f}{calmar:15.2f}")
first, second, third, fourth, fifth = seen.values()
free = first[0] == 0 and first[1] == -0.5 and fourth[0] == 0 and abs(fourth[1] + 0.2) < 1e-9
other = second[0] == second[1] == -0.5 and abs(third[0]) + 0.01 < abs(third[1])
rank = np.isinf(first[2]) and first[2] != second[2] and fifth[0] > fifth[1] + 0.05
sys.exit(0 if free and other and rank else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
