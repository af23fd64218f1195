#!/usr/bin/env bash
# The gradient of norm.logcdf is a power of e in the tail: 2,981 at -3,000 and at -10,000, and 1 from -30,000 on.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A probit model, or a censored observation, has the loss -norm.logcdf(x). Its value is right far into the tail,
#   which is why one takes logcdf and not the logarithm of cdf. Its gradient is about -x there. One expects it to be
#   as good as the value: an outlier, or a first step that is too long, is then pulled back.
#
#   The gradient is 9 million at -20,000, and 1 from -30,000 on, so that a descent goes nowhere: the larger the
#   error, the weaker the pull. log_ndtr of jax.scipy.special is the same function. The logarithm of the gradient
#   goes in steps, of 1/32 at -1,000 and of 4 at -10,000: 2,981 is e^8. Nothing is NaN or infinite.
#
#   The source: `_log_ndtr_jvp` in jax/_src/scipy/special.py is exp(logpdf(x) - logcdf(x)). Both are about -x**2 / 2,
#   that is -50 million at -10,000, where neighbouring float32 are 4 apart. Their true difference is log(-x), about
#   9; what remains of it is a multiple of 4, or 0. The same difference in float64 fails from -10**8 on.
#
# Output seen:
#          x        logcdf    -x*x/2 - log(..)       gradient          right   log of the gradient
#        -10      -53.2313            -53.2315        10.0981           10.1              2.312347
#       -100      -5005.52            -5005.52         99.981         100.01              4.604981
#      -1000       -500008             -500008        998.496           1000              6.906250
#      -3000  -4.50001e+06        -4.50001e+06        2980.96           3000              8.000000
#     -10000        -5e+07              -5e+07        2980.96          10000              8.000000
#     -20000        -2e+08              -2e+08    8.88611e+06          20000             16.000000
#     -30000      -4.5e+08            -4.5e+08              1          30000              0.000000
#    -100000        -5e+09              -5e+09              1         100000              0.000000
#   1,000 steps of ascent with rate 0.5 from -50,000 lead to -49500
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from jax.scipy.stats import norm

POINTS = (-10.0, -100.0, -1_000.0, -3_000.0, -10_000.0, -20_000.0, -30_000.0, -100_000.0)
seen = {}
print("       x        logcdf    -x*x/2 - log(..)       gradient          right   log of the gradient")
for x in POINTS:
    value, gradient = map(float, jax.value_and_grad(norm.logcdf)(jnp.float32(x)))
    # The first terms of the asymptotic series, in float64.
    right = -x * x / 2 - np.log(-x) - np.log(2 * np.pi) / 2 - 1 / x**2
    slope = -x - 1 / x
    seen[x] = value / right, gradient / slope
    print(f"{x:8.0f} {value:13.6g} {right:19.6g} {gradient:14.6g} {slope:14.6g} {np.log(gradient):21.6f}")

x = jnp.float32(-50_000)
for _ in range(1_000):
    x = x + 0.5 * jax.grad(norm.logcdf)(x)
print("1,000 steps of ascent with rate 0.5 from -50,000 lead to", round(float(x)))
values = all(abs(ratio - 1) < 1e-4 for ratio, _ in seen.values())
near = all(abs(seen[point][1] - 1) < 0.02 for point in POINTS[:3])
far = seen[-10_000.0][1] < 0.4 and seen[-20_000.0][1] > 100 and seen[-100_000.0][1] < 1e-4
sys.exit(0 if values and near and far and x < -40_000 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
