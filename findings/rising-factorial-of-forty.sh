#!/usr/bin/env bash
# jax.scipy.special.poch(40, 2) is NaN, where 40 * 41 is 1,640.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The Pochhammer symbol or rising factorial poch(z, m) is z (z + 1) ... (z + m - 1): small for small m, and with
#   m = 1 it is z. It is in the terms of hypergeometric series, in urn models, and with m = 1/2 it is near the
#   root of z, as in the bias of a standard deviation of z observations.
#
#   In float32 it is inf at z = 35 and NaN from 36 on for m = 1, and so is its gradient; poch(34, 2) is inf. In
#   float64 that begins at 170. poch (jax/_src/scipy/special.py) divides gamma(z + m) by gamma(z), and both are
#   infinite there; the gradient multiplies by poch. exp(gammaln(z + m) - gammaln(z)), from the same module, has
#   three right digits still at z = 1,000. The documentation says only that the arguments must be real.
#
# Output seen:
#   z        poch(z, 1)  poch(z, 2)  gradient of it  by gammaln       right
#      10        10.000      110.00          21.000      110.00      110.00
#      30        30.000      930.00          61.000      930.00      930.00
#      34        34.000         inf             inf     1190.00     1190.00
#      35           inf         inf             inf     1260.00     1260.00
#      40           nan         nan             nan     1640.00     1640.00
#    1000           nan         nan             nan  1001384.94  1001000.00
#   float64: poch(169, 2) = 28730.00, poch(180, 2) = nan, right 32580.00
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
from jax.scipy.special import gammaln, poch
from scipy.special import poch as right

seen = {}
print("z        poch(z, 1)  poch(z, 2)  gradient of it  by gammaln       right")
for z in (10.0, 30.0, 34.0, 35.0, 40.0, 1000.0):
    one, two, slope = float(poch(z, 1.0)), float(poch(z, 2.0)), float(jax.grad(poch)(z, 2.0))
    by_gammaln = float(jnp.exp(gammaln(z + 2) - gammaln(z)))
    seen[z] = one, two, slope, by_gammaln / right(z, 2.0) - 1
    print(f"{z:5.0f}{one:14.3f}{two:12.2f}{slope:16.3f}{by_gammaln:12.2f}{right(z, 2.0):12.2f}")
with jax.enable_x64(True):
    double = float(poch(169.0, 2.0)), float(poch(180.0, 2.0))
print("float64: poch(169, 2) = {:.2f}, poch(180, 2) = {:.2f}, right {:.2f}".format(*double, right(180.0, 2.0)))
lost = all(np.isnan(seen[z][:3]).all() for z in (40.0, 1000.0))
fine = abs(seen[30.0][1] / 930 - 1) < 1e-4 and max(abs(row[3]) for row in seen.values()) < 1e-2
sys.exit(0 if lost and fine and seen[34.0][1] == np.inf and np.isnan(double[1]) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
