#!/usr/bin/env bash
# pattingalloang calls a clock 98% determined if it has 3,000 points, and 29% if it has 100,000 of the same circle.
#
# Date: 2026-11-30
#
# Versions: pattingalloang 0.0.2, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The determinism of a recurrence plot is the part of the recurrent points that are in diagonal lines: two stretches
#   of an orbit run side by side for some time. It is near 1 for a periodic orbit, of whatever length, and low for
#   noise. The longest diagonal line of a periodic orbit is as long as the record.
#
#   compute_recurrence_metrics of pattingalloang takes 3,000 points at random from a longer orbit. What it calls a
#   diagonal line then joins points whose distances in time have nothing to do with each other. So a hand of a clock
#   that turns evenly has a determinism of 0.98 with 3,000 points, 0.62 with 30,000 and less with each further point,
#   and its longest line falls from 2,999 to below 20. The same holds for compute_all_metrics, whose default run is
#   longer than 3,000 points.
#
#   The source: `compute_recurrence_metrics` in pattingalloang/core/metrics.py draws indices by np.random.choice and
#   sorts them. A recurrence plot needs points that are equally far apart in time.
#
# Output seen:
#   points    determinism   longest line   mean line   recurrence rate
#     1000          0.970            999        43.8             0.100
#     3000          0.981           2999        38.7             0.100
#     6000          0.958            144         8.9             0.100
#    30000          0.625             15         2.6             0.100
#   100000          0.285              8         2.2             0.100
#   every 33rd of the 100,000 points: determinism 0.986
#   3,000 points of noise: determinism 0.192
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
packages=('pattingalloang==0.0.2' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from pattingalloang.core.metrics import compute_recurrence_metrics


def clock(points):
    """A hand that turns once in 100 steps."""
    angle = np.arange(points) * 2 * np.pi / 100
    return np.stack([np.cos(angle), np.sin(angle), np.zeros(points)], axis=1)


seen = {}
print("points    determinism   longest line   mean line   recurrence rate")
for points in (1000, 3000, 6000, 30_000, 100_000):
    np.random.seed(0)
    metrics = compute_recurrence_metrics(clock(points))
    seen[points] = metrics["determinism"], metrics["max_diagonal_line"], metrics["avg_diagonal_line"]
    rate = metrics["recurrence_rate"]
    print(f"{points:6}{seen[points][0]:15.3f}{seen[points][1]:15}{seen[points][2]:12.1f}{rate:18.3f}")
every = compute_recurrence_metrics(clock(100_000)[:: 100_000 // 3000][:3000])
print(f"every 33rd of the 100,000 points: determinism {every['determinism']:.3f}")
np.random.seed(0)
noise = compute_recurrence_metrics(np.random.default_rng(0).normal(size=(3000, 3)))
print(f"3,000 points of noise: determinism {noise['determinism']:.3f}")
right = seen[3000][0] > 0.97 and seen[3000][1] == 2999 and every["determinism"] > 0.9
sys.exit(0 if right and seen[30_000][0] < 0.7 and seen[100_000][0] < 0.5 and seen[100_000][1] < 20 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
