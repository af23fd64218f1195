#!/usr/bin/env bash
# jax.scipy.stats.wrapcauchy.pdf is inf around the mean of a distribution with c = 0.9999, and 7% off at 0.999.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The wrapped Cauchy distribution is the heavy-tailed one for angles. Its parameter c is the mean resultant length,
#   and c near 1 is an angle that is known well: c = 0.9999 is a width of a 10,000th of a radian, or 20 seconds of
#   arc. The density at the mean is (1 + c) / (1 - c) / (2 pi), which is 3,183 there, and so is exact to seven digits
#   in float32. The docstring gives the formula and no bound on c.
#
#   The log density is inf at the mean, and at each angle within 0.0002 of it. A likelihood of many angles is then inf
#   whatever the rest says, a fit of c runs into it, and the gradient is NaN. From c = 0.99 to 0.9999 the density at
#   the mean is wrong by up to 7% before it is infinite. Further out it is right.
#
#   The source: `logpdf` in jax/_src/scipy/stats/wrapcauchy.py is log(1 - c * c) - log(2 pi) - log(1 + c * c - 2 * c *
#   cos(x)). The last argument is (1 - c)**2 plus a small term, the difference of two numbers near 2, and float32 has
#   0 for it. (1 - c)**2 + 4 * c * sin(x / 2)**2 is the same number without the loss, as the output shows.
#
# Output seen:
#         c   angle           pdf         scipy   other formula
#       0.9     0.0        3.0239        3.0239          3.0239
#       0.9  0.0001        3.0239        3.0239          3.0239
#       0.9   0.001        3.0237        3.0237          3.0237
#       0.9     0.1        1.5922        1.5922          1.5922
#      0.99     0.0       31.6665       31.6719         31.6719
#      0.99  0.0001       31.6665       31.6687         31.6687
#      0.99   0.001       31.3674       31.3614         31.3614
#      0.99     0.1        0.3170        0.3170          0.3170
#     0.999     0.0      296.5319      318.1548        318.1548
#     0.999  0.0001      296.5319      315.0078        315.0078
#     0.999   0.001      156.9876      159.1550        159.1549
#     0.999     0.1        0.0319        0.0319          0.0319
#    0.9999     0.0           inf     3182.4116       3182.4116
#    0.9999  0.0001           inf     1591.5494       1591.5496
#    0.9999   0.001       33.3828       31.5225         31.5225
#    0.9999     0.1        0.0032        0.0032          0.0032
#   log likelihood of 1,000 angles: inf and by scipy 6713.4
#   angles of infinite density: 752 and the gradient by c: nan
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
from jax.scipy.stats import wrapcauchy


def stable(x, c):
    return (1 - c) * (1 + c) / (2 * jnp.pi) / ((1 - c) ** 2 + 4 * c * jnp.sin(x / 2) ** 2)


seen, others = {}, []
print("      c   angle           pdf         scipy   other formula")
for c in (0.9, 0.99, 0.999, 0.9999):
    exact = float(np.float32(c))
    for x in (0.0, 1e-4, 1e-3, 1e-1):
        found, right = float(wrapcauchy.pdf(x, c)), float(scipy.stats.wrapcauchy.pdf(x, exact))
        other = float(stable(jnp.float32(x), jnp.float32(c)))
        seen[c, x] = found / right
        others.append(other / right)
        print(f"{c:7} {x:7} {found:13.4f} {right:13.4f} {other:15.4f}")

true = 0.9999
angles = scipy.stats.wrapcauchy.rvs(true, size=1000, random_state=0).astype(np.float32) % np.float32(2 * np.pi)
likelihood = float(wrapcauchy.logpdf(angles, true).sum())
right = float(scipy.stats.wrapcauchy.logpdf(angles.astype(float), float(np.float32(true))).sum())
infinite = int(jnp.isposinf(wrapcauchy.logpdf(angles, true)).sum())
slope = float(jax.grad(lambda c: wrapcauchy.logpdf(angles, c).sum())(true))
print("log likelihood of 1,000 angles:", likelihood, "and by scipy", round(right, 1))
print("angles of infinite density:", infinite, "and the gradient by c:", slope)
good = all(abs(seen[0.9, x] - 1) < 1e-3 for x in (0.0, 1e-4, 1e-3, 1e-1)) and all(abs(x - 1) < 1e-2 for x in others)
bad = 0.03 < abs(seen[0.999, 0.0] - 1) < 0.2 and np.isposinf(seen[0.9999, 0.0]) and np.isposinf(likelihood)
sys.exit(0 if good and bad and infinite > 100 and not np.isfinite(slope) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
