#!/usr/bin/env bash
# neurocomplexity calls cells with one constant rate non-stationary, and the longer one records the surer it is.
#
# Date: 2026-11-30
#
# Versions: neurocomplexity 1.2.2, numpy 2.5.5, scipy 1.18.1, pandas 2.3.3, Python 3.12, CPU.
#
# Behaviour:
#   Fifty cells fire at random at a constant 5 Hz: a stationary process by definition. stationarity of neurocomplexity
#   is to find drifts. Its docstring says the thresholds are permissive, so that normal recordings get no warnings.
#
#   All 40 recordings of half an hour are called non-stationary. Of those of two minutes, one quarter is. The one flag
#   is rolling_var_ratio: the largest variance of a window, divided by the smallest. It may be at most 3. For equal
#   variances the ratio should be tested against what chance does. With 60 windows chance gives about 10: random numbers
#   of one normal distribution have the same ratio. So a longer recording, which has more windows, is always flagged.
#   All analyses that need a stationary recording then warn.
#
#   The source: `stationarity` in neurocomplexity/analysis/stationarity.py takes each variance from 10 parts of a
#   window, so it has 9 degrees of freedom. The maximum over the minimum of many such variances grows with their number,
#   but the threshold is a constant.
#
# Output seen:
#      120 s,  4 windows: called non-stationary 25%
#       median of the ratio 2.3, of normal random numbers 2.7
#      600 s, 20 windows: called non-stationary 98%
#       median of the ratio 6.1, of normal random numbers 6.1
#     1800 s, 60 windows: called non-stationary 100%
#       median of the ratio 10.5, of normal random numbers 10.1
#   flags for another reason: 0 of 120 recordings
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
packages=('neurocomplexity==1.2.2' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==2.3.3')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")
from neurocomplexity.analysis import stationarity
from neurocomplexity.io.dict_loader import from_dict

rng = np.random.default_rng(0)


def steady(seconds, cells=50, rate=5.0):
    spikes = {cell: np.sort(rng.uniform(0, seconds, rng.poisson(rate * seconds))) for cell in range(cells)}
    return from_dict(spikes, duration=seconds)


share, other_flags = {}, 0
for seconds in (120.0, 600.0, 1800.0):
    results = [stationarity(steady(seconds)) for _ in range(40)]
    share[seconds] = np.mean([not r.is_stationary for r in results])
    other_flags += sum("rolling_var_ratio" not in flag for r in results for flag in r.flags)
    ratio = np.median([r.rolling_var_ratio for r in results])
    windows = results[0].n_windows
    normal = rng.normal(size=(2000, windows, 10)).var(axis=2, ddof=1)
    chance = np.median(normal.max(axis=1) / normal.min(axis=1))
    print(f"{seconds:6.0f} s, {windows:2} windows: called non-stationary {share[seconds]:.0%}")
    print(f"    median of the ratio {ratio:.1f}, of normal random numbers {chance:.1f}")
print(f"flags for another reason: {other_flags} of 120 recordings")
sys.exit(0 if share[1800.0] == 1 and share[600.0] > 0.9 and share[120.0] < 0.8 and other_flags < 10 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
