#!/usr/bin/env bash
# ott's soft sort of five pressures around 1,000 is not in order, and its lower quartile is above the upper one.
#
# Date: 2026-11-30
#
# Versions: ott-jax 0.6.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   ott.tools.soft_sort sorts and ranks with a gradient, by optimal transport. It whitens its input first, so that the
#   unit and the origin of the numbers have no effect. The documentation says that a result is a convex combination of
#   the input, with weights of the sum 1. One expects for x + 1,000 the result for x, plus 1,000.
#
#   Around 0 the five results are in order. Around 1,000 they are not: the second is the largest, and the third is the
#   smallest. Of 100 pressures with a deviation of 1 the lower quartile is 0.7 above the upper one around 10,000. None
#   of this is a rounding error: the weights of a result have the sum 1.001, not 1, and the error is 0.001 times the
#   pressure. The options are the default ones.
#
#   The source: `apply_on_axis` and `_sort` of ott/tools/soft_sort.py multiply the input by the transport matrix and by
#   the number of the targets. The solver stops where the marginals of the matrix are right within its threshold of
#   0.001. The result is not divided by the marginal that was reached.
#
# Output seen:
#   origin   soft sort - origin               lower and upper quartile - origin   sums of weights
#        0    0.41   0.97   1.79   1.86   2.22        -0.64    0.75                 1.0000 to 1.0000
#       10    0.42   0.99   1.78   1.85   2.21        -0.64    0.75                 0.9992 to 1.0013
#     1000    1.70   2.18   0.97   1.03   1.37        -0.26    0.31                 0.9992 to 1.0013
#    10000   13.29  13.00  -6.41  -6.40  -6.24         3.13   -3.66                 0.9992 to 1.0013
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
packages=('ott-jax==0.6.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from ott.tools import soft_sort

numbers = jnp.array([1.76, 0.4, 0.98, 2.24, 1.87], jnp.float32)
many = jnp.array(np.random.RandomState(0).randn(100), jnp.float32)
levels = jnp.array([0.25, 0.75])
seen = {}
print("origin   soft sort - origin               lower and upper quartile - origin   sums of weights")
for origin in (0, 10, 1000, 10000):
    five = np.asarray(soft_sort.sort(numbers + origin)) - origin
    quartiles = np.asarray(soft_sort.quantile(many + origin, q=levels)) - origin
    seen[origin] = five, quartiles
    weights = 1 + (five - seen[0][0]) / max(origin, 1)
    row = " ".join(f"{each:6.2f}" for each in five)
    quarters = " ".join(f"{each:7.2f}" for each in quartiles)
    print(f"{origin:6}  {row}      {quarters}      {weights.min():17.4f} to {weights.max():.4f}")
near = all(np.all(np.diff(seen[origin][0]) > 0) and np.all(np.diff(seen[origin][1]) > 0) for origin in (0, 10))
far = np.any(np.diff(seen[1000][0]) < 0) and seen[10000][1][0] > seen[10000][1][1]
sys.exit(0 if near and far else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
