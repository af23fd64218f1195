#!/usr/bin/env bash
# jax.scipy.special.hyp1f1(1, 100, x) is 13.8 at 99.9 and 25.1 at 100, and NaN in float32, where 13.9 is right.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The docstring of hyp1f1 takes positive real arguments and warns of high values of the function. 1F1(1; 100; 100) is
#   14 and 1F1(0.5; 150; 100) is 1.7, which are not high. The function grows smoothly with x.
#
#   At x = 100 the value jumps. With a = 1 and b = 100 it goes from 13.8 at 99.9 to 25.1, and with a = 0.5 and b = 150
#   from 1.7 to 2e108; with a = 3.3 and b = 60 it is below 0. In float32 all of them are NaN, and so are their
#   gradients. For x below 100 each value is right. Parameters like these are those of a confluent function in a
#   Bayesian test or a radial wave function. scipy is right.
#
#   The source: `hyp1f1` in jax/_src/scipy/special.py chooses by `abs(x) < 100` alone between its series and
#   `_hyp1f1_asymptotic`, whose terms fall only if x is much larger than b. It also multiplies gamma(b), which is inf in
#   float32 from 36 on, with x**(a - b), which is 0.
#
# Output seen:
#      a      b      x        float64        float32          scipy    gradient by x in float32
#    2.0    2.5   50.0    9.64963e+20    9.64963e+20    9.64963e+20    9.55508e+20
#    2.0    2.5   99.9    3.21879e+42            inf    3.21879e+42            inf
#    2.0    2.5  100.0    3.55556e+42            inf    3.55556e+42            inf
#    2.0    2.5  120.0    1.57605e+51            inf    1.57605e+51            inf
#    2.0    2.5  500.0     8.336e+215            inf     8.336e+215            inf
#    1.0  100.0   50.0        1.98142        1.98142        1.98142      0.0382056
#    1.0  100.0   99.9         13.765         13.765         13.765          1.115
#    1.0  100.0  100.0        25.0872            nan        13.8772            nan
#    1.0  100.0  120.0        176.359            nan        172.445            nan
#    1.0  100.0  500.0            inf            nan    8.3026e+105            nan
#    0.5  150.0   50.0          1.224          1.224          1.224     0.00607539
#    0.5  150.0   99.9        1.71471        1.71471        1.71471      0.0162365
#    0.5  150.0  100.0   1.78037e+108            nan        1.71633            nan
#    0.5  150.0  120.0            nan            nan        2.16604            nan
#    0.5  150.0  500.0            nan            nan    1.15025e+74            nan
#    3.3   60.0   50.0        116.271        116.271        116.271         19.406
#    3.3   60.0   99.9    8.04952e+08    8.04952e+08    8.04952e+08    3.70808e+08
#    3.3   60.0  100.0   -4.76867e+55            nan     8.4292e+08            nan
#    3.3   60.0  120.0   -1.60127e+40            nan    2.03827e+13            nan
#    3.3   60.0  500.0   5.11605e+143            nan   5.11605e+143            nan
#    1.0  300.0   50.0        1.19984        1.19984        1.19984     0.00479175
#    1.0  300.0   99.9        1.49802        1.49802        1.49802     0.00744963
#    1.0  300.0  100.0            nan            nan        1.49877            nan
#    1.0  300.0  120.0            nan            nan        1.66424            nan
#    1.0  300.0  500.0            nan            nan    1.45845e+22            nan
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

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import numpy as np
import scipy.special
from jax.scipy.special import hyp1f1

POINTS = (50.0, 99.9, 100.0, 120.0, 500.0)
seen = {}
print("   a      b      x        float64        float32          scipy    gradient by x in float32")
for a, b in ((2.0, 2.5), (1.0, 100.0), (0.5, 150.0), (3.3, 60.0), (1.0, 300.0)):
    for x in POINTS:
        want = scipy.special.hyp1f1(a, b, x)
        double = float(hyp1f1(a, b, x))
        single, slope = jax.value_and_grad(hyp1f1, 2)(*(jnp.float32(v) for v in (a, b, x)))
        seen[b, x] = double / want, float(single) / want if want < 1e30 else 1.0
        print(f"{a:4} {b:6} {x:6} {double:14.6g} {float(single):14.6g} {want:14.6g} {float(slope):14.6g}")
below = all(abs(row[0] - 1) < 1e-6 and abs(row[1] - 1) < 1e-3 for (_, x), row in seen.items() if x < 100)
control = all(abs(seen[2.5, x][0] - 1) < 1e-3 for x in POINTS)
cases = [(b, x) for b in (100.0, 150.0, 60.0, 300.0) for x in (100.0,)]
jump = all(not abs(seen[case][0] - 1) < 0.5 for case in cases)
nan = all(np.isnan(seen[case][1]) for case in cases)
sys.exit(0 if below and control and jump and nan else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
