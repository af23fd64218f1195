#!/usr/bin/env bash
# neurocomplexity calls cells that fire at random critical: their branching ratio is near 1, where it is 0.
#
# Date: 2026-11-30
#
# Versions: neurocomplexity 1.2.2, numpy 2.5.5, scipy 1.18.1, pandas 2.3.3, Python 3.12, CPU.
#
# Behaviour:
#   The branching ratio m is the number of spikes that one spike brings about. It is 0 for cells that fire at random and
#   apart from each other. It is 1 at the critical point. wilting_mr finds it from the correlation of the activity with
#   itself k bins later, which falls as m to the power of k.
#
#   Fifty cells fire at random for half an hour. The ratio should be 0. wilting_mr gives values from 0.98 to 1.02 for
#   five such recordings, and the docstring of m calls that critical. For a branching process with m = 0.5 it gives
#   0.93. It is right for one with m = 0.98, which looks like the random cells. The correlation one bin later, which is
#   in the same result, is 0.00, 0.50 and 0.98. The one hint is a low r_squared.
#
#   The source: `wilting_mr` in neurocomplexity/analysis/branching.py fits a line to the logarithms of the correlations
#   at up to 50 lags. It leaves out those that are not above 0. What is left of the noise is positive at all lags and
#   does not fall, so its line is flat, and a flat line is m = 1.
#
# Output seen:
#   true m 0.00: wilting_mr 1.004, r_squared 0.00, r_1 -0.001
#   true m 0.00: wilting_mr 1.009, r_squared 0.02, r_1 -0.001
#   true m 0.00: wilting_mr 1.008, r_squared 0.02, r_1 -0.002
#   true m 0.00: wilting_mr 1.015, r_squared 0.05, r_1 0.000
#   true m 0.00: wilting_mr 0.987, r_squared 0.04, r_1 0.002
#   true m 0.50: wilting_mr 0.925, r_squared 0.29, r_1 0.501
#   true m 0.98: wilting_mr 0.981, r_squared 1.00, r_1 0.983
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
from neurocomplexity.analysis import wilting_mr
from neurocomplexity.io.dict_loader import from_dict

BIN, BINS = 0.004, 450_000


def branching(ratio, drive, seed):
    rng = np.random.default_rng(seed)
    counts = np.zeros(BINS, dtype=int)
    for t in range(1, BINS):
        counts[t] = rng.poisson(ratio * counts[t - 1] + drive)
    times = np.repeat((np.arange(BINS) + 0.5) * BIN, counts)
    owner = rng.integers(0, 50, len(times))
    return from_dict({cell: times[owner == cell] for cell in range(50)}, duration=BINS * BIN)


estimates = {}
for ratio in (0.0, 0.5, 0.98):
    for seed in range(5 if ratio == 0 else 1):
        result = wilting_mr(branching(ratio, drive=1.0 - ratio, seed=seed))
        estimates.setdefault(ratio, []).append(result.m)
        lag = result.r_values[0]
        print(f"true m {ratio:.2f}: wilting_mr {result.m:.3f}, r_squared {result.r_squared:.2f}, r_1 {lag:.3f}")
random_ok = all(0.95 < m < 1.05 for m in estimates[0.0])
sys.exit(0 if random_ok and estimates[0.5][0] > 0.85 and abs(estimates[0.98][0] - 0.98) < 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
