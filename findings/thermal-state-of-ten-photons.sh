#!/usr/bin/env bash
# dynamiqs.thermal_dm(9, 10) has a probability of -0.11, and the state of 30 levels -2.6 photons; with 10.0 it is right.
#
# Date: 2026-11-30
#
# Versions: dynamiqs 0.3.7, qutip 5.3.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   thermal_dm(dim, nth) makes the thermal state of an oscillator with nth photons, cut to dim levels. nth is anything
#   like an array, and 10 photons are the same as 10.0. The populations fall from level to level and sum to 1.
#
#   With nth=10 the populations are right up to 8 levels. With 9 levels one of them is -0.11, with 30 levels one is
#   -8.24 and the mean number of photons is -2.62, where 8.18 is right. The trace is 1 all the same. With nth=2 some are
#   below 0 from 20 levels on. With the float 10.0 they are right. Floats fail with more levels: 5.0 photons in 60
#   levels are NaN, where the trace loses nothing to the cut.
#
#   The source: `_single_thermal_dm` in dynamiqs/utils/states.py takes nth and 1 + nth to the power of each level and
#   divides. For an integer these are powers of int32, which wrap. In float32 they are inf.
#
# Output seen:
#                 lowest population          mean photons             purity
#   levels  nth    int  float  qutip      int   float   qutip      int   float   qutip
#        8    10   0.09   0.09   0.09     3.00    3.00    3.00     0.13    0.13    0.13
#        9    10  -0.11   0.07   0.07     2.47    3.37    3.37     0.17    0.12    0.12
#       12    10  -0.16   0.05   0.05     8.29    4.39    4.39     0.97    0.09    0.09
#       20    10  -0.37   0.02   0.02    20.30    6.51    6.51     1.82    0.06    0.06
#       30    10  -8.24   0.01   0.01    -2.62    8.18    8.18   360.02    0.05    0.05
#       19     2   0.00   0.00   0.00     1.99    1.99    1.99     0.20    0.20    0.20
#       20     2  -0.00   0.00   0.00     1.98    1.99    1.99     0.20    0.20    0.20
#       25     2  -0.01   0.00   0.00     1.92    2.00    2.00     0.20    0.20    0.20
#       60     5    nan    nan   0.00      nan     nan    5.00      nan     nan    0.09
#      100     1    nan   0.00   0.00      nan    1.00    1.00      nan    0.33    0.33
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
packages=('dynamiqs==0.3.7' 'qutip==5.3.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import dynamiqs
import numpy as np
import qutip


def levels(state):
    """The populations of a state."""
    return np.diag(np.asarray(state)).real.astype(float)


seen = {}
print("              lowest population          mean photons             purity")
print("levels  nth    int  float  qutip      int   float   qutip      int   float   qutip")
for size, mean in ((8, 10), (9, 10), (12, 10), (20, 10), (30, 10), (19, 2), (20, 2), (25, 2), (60, 5), (100, 1)):
    integer = levels(dynamiqs.thermal_dm(size, mean).to_jax())
    number = levels(dynamiqs.thermal_dm(size, float(mean)).to_jax())
    right = levels(qutip.thermal_dm(size, mean, method="analytic").full())
    right /= right.sum()
    rows = integer, number, right
    seen[size, mean] = integer, number, right
    print(f"{size:6}{mean:6}", end="")
    print("".join(f"{row.min():7.2f}" for row in rows), end=" ")
    print("".join(f"{row @ np.arange(size):8.2f}" for row in rows), end=" ")
    print("".join(f"{row @ row:8.2f}" for row in rows))
right = all(row[2].min() > 0 and abs(row[2].sum() - 1) < 1e-6 for row in seen.values())
right &= all(np.allclose(seen[size, 10][1], seen[size, 10][2], atol=1e-5) for size in (8, 9, 12, 20, 30))
right &= np.allclose(seen[8, 10][0], seen[8, 10][2], atol=1e-5)
negative = all(seen[size, 10][0].min() < -0.05 for size in (9, 12, 20, 30)) and seen[30, 10][0] @ np.arange(30) < 0
overflow = np.isnan(seen[60, 5][1]).any() and np.isnan(seen[100, 1][0]).any()
sys.exit(0 if right and negative and overflow else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
