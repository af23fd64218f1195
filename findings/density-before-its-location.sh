#!/usr/bin/env bash
# jaxampler's Weibull with a loc of 3 has a density whose integral is 0.002, and a cdf of 0.94 where 0 is right.
#
# Date: 2026-11-30
#
# Versions: jaxampler 0.0.7, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, tfp-nightly 0.26.0.dev20261027,
#   Python 3.12, CPU.
#
# Behaviour:
#   A distribution with a loc is the one without it, shifted to the right: its density at x is that of the standard one
#   at x - loc, and below loc both the density and the cdf are 0. A Weibull lifetime with a loc is one of a device that
#   surely holds until then.
#
#   The Weibull of jaxampler with k = 2, loc = 3 and a scale of 1.5 has a density that is NaN below 3 and integrates to
#   0.002 above it. Its cdf is 0.94 at 0.5, falls to 0 at 3 and rises again. Its Rayleigh has the same fault below its
#   loc, and the right density above it. Draws of both are right. With a loc of 0 all is right. So a fit of a Weibull by
#   logpdf is a fit of something that is no density.
#
#   The source: `_logpdf_x` of `Weibull` in jaxampler/_src/rvs/weibull.py subtracts loc in one of its two terms and not
#   in the power, and it, `_cdf_x` and the methods of `Rayleigh` in rayleigh.py compare x with 0 where they should
#   compare it with loc.
#
# Output seen:
#   Weibull, loc 0: integral of the density above loc 1.0000
#     mean of the draws 1.33, of scipy 1.33
#     x 0.5  pdf  0.3977, scipy 0.3977   cdf 0.1052, scipy 0.1052
#     x 2.0  pdf  0.3005, scipy 0.3005   cdf 0.8310, scipy 0.8310
#     x 4.0  pdf  0.0029, scipy 0.0029   cdf 0.9992, scipy 0.9992
#     x 6.0  pdf  0.0000, scipy 0.0000   cdf 1.0000, scipy 1.0000
#   Weibull, loc 3: integral of the density above loc 0.0017
#     mean of the draws 4.33, of scipy 4.33
#     x 0.5  pdf     nan, scipy 0.0000   cdf 0.9378, scipy 0.0000
#     x 2.0  pdf     nan, scipy 0.0000   cdf 0.3588, scipy 0.0000
#     x 4.0  pdf  0.0007, scipy 0.5699   cdf 0.3588, scipy 0.3588
#     x 6.0  pdf  0.0000, scipy 0.0488   cdf 0.9817, scipy 0.9817
#   Rayleigh, loc 3: integral of the density above loc 1.0000
#     mean of the draws 4.88, of scipy 4.88
#     x 0.5  pdf     nan, scipy 0.0000   cdf 0.7506, scipy 0.0000
#     x 2.0  pdf     nan, scipy 0.0000   cdf 0.1993, scipy 0.0000
#     x 4.0  pdf  0.3559, scipy 0.3559   cdf 0.1993, scipy 0.1993
#     x 6.0  pdf  0.1804, scipy 0.1804   cdf 0.8647, scipy 0.8647
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
packages=(
  'jaxampler==0.0.7' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'tfp-nightly==0.26.0.dev20261027'
)
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
from jaxampler.rvs import Rayleigh, Weibull
from scipy import stats

CASES = {
    "Weibull, loc 0": (Weibull(2.0, loc=0.0, scale=1.5), stats.weibull_min(2, 0, 1.5)),
    "Weibull, loc 3": (Weibull(2.0, loc=3.0, scale=1.5), stats.weibull_min(2, 3, 1.5)),
    "Rayleigh, loc 3": (Rayleigh(loc=3.0, sigma=1.5), stats.rayleigh(3, 1.5)),
}
points = np.array([0.5, 2.0, 4.0, 6.0])
seen = {}
for name, (own, right) in CASES.items():
    grid = np.linspace(right.support()[0] + 1e-4, 40, 200_001)
    total = float(np.trapezoid(np.asarray(own.pdf(jnp.asarray(grid)), float), grid))
    draws = np.asarray(own.rvs((100_000,), jax.random.key(0)))
    seen[name] = [np.asarray(method(jnp.asarray(points))) for method in (own.pdf, own.cdf)], total, draws.mean()
    print(f"{name}: integral of the density above loc {total:.4f}")
    print(f"  mean of the draws {draws.mean():.2f}, of scipy {right.mean():.2f}")
    for x, pdf, cdf in zip(points, *seen[name][0]):
        print(f"  x {x:3.1f}  pdf {pdf:7.4f}, scipy {right.pdf(x):.4f}   cdf {cdf:.4f}, scipy {right.cdf(x):.4f}")
(pdf, cdf), total, mean = seen["Weibull, loc 3"]
drawn = abs(mean - CASES["Weibull, loc 3"][1].mean()) < 0.02
lost = np.isnan(pdf[:2]).all() and total < 0.01 and cdf[0] > 0.9 and drawn
(pdf, cdf), total, mean = seen["Rayleigh, loc 3"]
half = np.isnan(pdf[:2]).all() and abs(total - 1) < 1e-3 and cdf[0] > 0.7
(pdf, cdf), total, mean = seen["Weibull, loc 0"]
right = np.allclose(cdf, CASES["Weibull, loc 0"][1].cdf(points), atol=1e-4) and abs(total - 1) < 1e-3
sys.exit(0 if lost and half and right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
