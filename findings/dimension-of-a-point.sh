#!/usr/bin/env bash
# pattingalloang gives an orbit that falls into a point the Kaplan-Yorke dimension 1, where a point has 0.
#
# Date: 2026-11-30
#
# Versions: pattingalloang 0.0.2, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The dimension of Kaplan and Yorke is j + (the sum of the first j Lyapunov exponents) / |the next one|, with the
#   largest j whose sum is not below 0. If the largest exponent is below 0, all orbits nearby end in a point, no sum
#   qualifies, j is 0 and so is the dimension. The docstring of compute_kaplan_yorke_dimension in pattingalloang has
#   this formula.
#
#   For exponents that are all below 0 it returns exactly 1, as for a limit cycle, whose largest exponent is 0. So a
#   scan over the parameters of the Aizawa system cannot tell a fixed point from a cycle, and the dimension jumps from 2
#   to 1 where it should go to 0. For a cycle, a torus and a strange attractor the result is right.
#
#   The source: the loop of `compute_kaplan_yorke_dimension` in pattingalloang/core/metrics.py keeps the index of the
#   last exponent that it added, from 0 on, so 0 means both "none" and "the first", and 1 is added to it in both cases.
#
# Output seen:
#   attractor        exponents                 pattingalloang   by the formula
#   a point, node  [-0.1, -0.2, -0.3]                  1.0000           0.0000
#   a point, focus [-0.5, -0.5, -14.0]                 1.0000           0.0000
#   a cycle        [0.0, -0.2, -0.3]                   1.0000           1.0000
#   a torus        [0.0, 0.0, -0.3]                    2.0000           2.0000
#   Lorenz         [0.9056, 0.0, -14.5723]             2.0621           2.0621
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
from pattingalloang.core.metrics import compute_kaplan_yorke_dimension


def formula(exponents):
    """The dimension by its definition."""
    sums = np.cumsum(exponents)
    count = int(np.sum(np.cumprod(sums >= 0)))
    if count == len(exponents):
        return float(count)
    return count + (sums[count - 1] if count else 0.0) / abs(exponents[count])


CASES = {
    "a point, node": [-0.1, -0.2, -0.3],
    "a point, focus": [-0.5, -0.5, -14.0],
    "a cycle": [0.0, -0.2, -0.3],
    "a torus": [0.0, 0.0, -0.3],
    "Lorenz": [0.9056, 0.0, -14.5723],
}
seen = {}
print("attractor        exponents                 pattingalloang   by the formula")
for name, exponents in CASES.items():
    seen[name] = compute_kaplan_yorke_dimension(np.array(exponents)), formula(exponents)
    print(f"{name:15}{str(exponents):27}{seen[name][0]:15.4f}{seen[name][1]:17.4f}")
wrong = all(seen[name] == (1.0, 0.0) for name in ("a point, node", "a point, focus"))
right = all(abs(seen[name][0] - seen[name][1]) < 1e-9 for name in ("a cycle", "a torus", "Lorenz"))
sys.exit(0 if wrong and right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
