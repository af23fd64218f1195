#!/usr/bin/env bash
# jax.scipy.stats.gamma.logsf and chi2.logsf are -inf from 88 on, where expon.logsf of the same lifetime is -88.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   logsf is the logarithm of the probability to outlive a time. A fit of lifetimes takes it for each subject that is
#   still alive at the end, and a test takes it for a large statistic. A Gamma distribution with the shape 1 is the
#   exponential one, and one expects the same from both: the function is there because sf gets too small.
#
#   gamma.logsf(x, 1) is -inf from 88 on, where expon.logsf is -x, and chi2.logsf(x, 2) is -inf from 176 on, where -x /
#   2 is right. gamma.logcdf and beta.logcdf are -inf on the other side. The gradient is NaN there, so that one subject
#   that lives long stops a fit. norm.logsf, gumbel_r.logcdf and logistic.logsf are right far beyond.
#
#   The source: `logsf` in jax/_src/scipy/stats/gamma.py is the logarithm of sf, which is gammaincc in float32, and it
#   becomes 0; chi2.py and beta.py do the same. scipy has a formula of its own for the tail.
#
# Output seen:
#    time   gamma.logsf, 1   its gradient   expon.logsf   gamma, 3        right   chi2.logsf(2 t, 2)
#       1           -1.000         -1.000        -1.000     -0.084       -0.084               -1.000
#      50          -50.000         -1.000       -50.000    -42.829      -42.829              -50.000
#      80          -80.000         -1.000       -80.000    -71.904      -71.904              -80.000
#      87          -87.000         -1.000       -87.000    -78.738      -78.738              -87.000
#      88             -inf            nan       -88.000    -79.716      -79.716                 -inf
#      90             -inf            nan       -90.000    -81.671      -81.671                 -inf
#      95             -inf            nan       -95.000    -86.564      -86.564                 -inf
#     100             -inf            nan      -100.000       -inf      -91.463                 -inf
#     104             -inf            nan      -104.000       -inf      -95.385                 -inf
#     110             -inf            nan      -110.000       -inf     -101.274                 -inf
#     300             -inf            nan      -300.000       -inf     -289.279                 -inf
#   norm.logsf(100): -5005.52392578125
#   scipy, gamma.logsf(300, 1): -300.0
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
import jax.numpy as jnp
import numpy as np
import scipy.stats
from jax.scipy.stats import chi2, expon, gamma, norm

TIMES = (1.0, 50.0, 80.0, 87.0, 88.0, 90.0, 95.0, 100.0, 104.0, 110.0, 300.0)
seen = {}
print(" time   gamma.logsf, 1   its gradient   expon.logsf   gamma, 3        right   chi2.logsf(2 t, 2)")
for time in TIMES:
    x = jnp.float32(time)
    value, slope = jax.value_and_grad(gamma.logsf)(x, 1.0)
    third = np.log(1 + time + time**2 / 2) - time
    rest = expon.logsf(x), gamma.logsf(x, 3.0), chi2.logsf(2 * x, 2.0)
    seen[time] = [float(v) for v in (value, slope, *rest)]
    first, slope, other, shape, square = seen[time]
    print(f"{time:5.0f} {first:16.3f} {slope:14.3f} {other:13.3f} {shape:10.3f} {third:12.3f} {square:20.3f}")
print("norm.logsf(100):", float(norm.logsf(100.0)))
print("scipy, gamma.logsf(300, 1):", scipy.stats.gamma.logsf(300, 1))
near = all(abs(seen[time][i] / -time - 1) < 1e-3 for time in (1.0, 50.0, 80.0, 87.0) for i in (0, 2, 4))
late = [row for time, row in seen.items() if time >= 88]
lost = all(row[0] == row[4] == -np.inf and np.isnan(row[1]) for row in late)
third_lost = seen[300.0][3] == -np.inf
rest = all(seen[time][2] == -time for time in TIMES) and abs(float(norm.logsf(100.0)) + 5005.5) < 1
sys.exit(0 if near and lost and third_lost and rest else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
