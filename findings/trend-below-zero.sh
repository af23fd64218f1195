#!/usr/bin/env bash
# pycontrolcharts sees a rise of six temperatures, and none when all are 100 degrees lower: the sign decides.
#
# Date: 2026-11-30
#
# Versions: pycontrolcharts 0.1.2, pandas 3.1.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   Test 3 of a control chart finds six points in a row that rise or fall. It compares points, so a constant that is
#   added to all of them cannot matter.
#
#   Six rising values are put at the start of a series. pycontrolcharts reports them when the values are positive. It
#   reports nothing when 100 is subtracted from each. It reports nothing, either, when one more value is put before
#   them, so that the rise is in the middle. The same six points fall in the mirrored series: they are reported when the
#   values are negative. When they are positive, nothing is reported.
#
#   The source: `_runs_test3` in pycontrolcharts/core.py begins with the first value as a first step: up if it is above
#   0, down if it is below 0. Later a run counts the steps, of which six points have five. So a run in the middle needs
#   seven points. The model class names the threshold of 6 "N consecutive increasing or decreasing points".
#
# Output seen:
#   as measured      : points in a trend: pycontrolcharts 6, counted 6
#   100 lower        : points in a trend: pycontrolcharts 0, counted 6
#   one value before : points in a trend: pycontrolcharts 0, counted 6
#   mirrored, above 0: points in a trend: pycontrolcharts 0, counted 6
#   mirrored, below 0: points in a trend: pycontrolcharts 6, counted 6
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
packages=('pycontrolcharts==0.1.2' 'pandas==3.1.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import pandas as pd
from pycontrolcharts import calc_xmr

RISE = [20.0, 20.5, 21.0, 21.4, 21.9, 22.3, 20.2, 20.9, 19.9, 20.6, 20.1]


def flagged(values):
    chart = calc_xmr(pd.Series(values))
    return [int(any(v["type"] in (5, 6) for v in row)) for row in chart["violations"]]


def in_a_run_of_six(values):
    marks = [0] * len(values)
    for start in range(len(values) - 5):
        steps = [b - a for a, b in zip(values[start : start + 5], values[start + 1 : start + 6])]
        if all(s > 0 for s in steps) or all(s < 0 for s in steps):
            marks[start : start + 6] = [1] * 6
    return marks


SERIES = {
    "as measured": RISE,
    "100 lower": [v - 100 for v in RISE],
    "one value before": [20.3, *RISE],
    "mirrored, above 0": [50 - v for v in RISE],
    "mirrored, below 0": [-v for v in RISE],
}
found = {}
for name, values in SERIES.items():
    found[name] = sum(flagged(values))
    print(f"{name:17}: points in a trend: pycontrolcharts {found[name]}, counted {sum(in_a_run_of_six(values))}")
same = all(sum(in_a_run_of_six(values)) == 6 for values in SERIES.values())
sys.exit(0 if same and list(found.values()) == [6, 0, 0, 0, 6] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
