#!/usr/bin/env bash
# jax.random.truncated_normal above 8 gives the largest float32, or its upper bound, each time.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   truncated_normal(key, lower, upper) draws from a normal distribution between two bounds. Both are free, so
#   one expects draws above 8 to lie close above 8, where nearly all of the probability is.
#
#   Between 8 and infinity all draws are 3.4e38. Between 8 and 9 all are 8.999999, the upper bound. Between 6
#   and infinity some are 3.4e38, so the mean is infinite. On the other side, between -9 and -8, all draws are
#   the bound far from zero as well. _truncated_normal (jax/_src/random/core.py) draws a number between erf of
#   both bounds and takes erf_inv of it. In float32 erf is 1 from 3.9 on, erf_inv of 1 is infinite, and a clip
#   puts that inside of the bounds. In float64 erf is 1 from 5.9 on; of 100,000 draws above 8 only twelve
#   numbers are left, and one of them is 1.8e308. The bounds are what a tail event, a rejection sampler or a
#   truncated likelihood needs.
#
# Output seen:
#   bounds    float32: different, mean  float64: different, mean   right mean
#    4 ..   5             1054, 4.2173           100000, 4.2156        4.2168
#    5 ..   6               10, 5.2131           100000, 5.1821        5.1831
#    8 ..   9                1, 9.0000               12, 8.1451        8.1212
#   -9 ..  -8               1, -9.0000              12, -8.1472       -8.1212
#    8 .. inf                   1, inf                  12, inf        8.1214
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'scipy==1.18.1')
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
from scipy.stats import truncnorm

jax.config.update("jax_enable_x64", True)


def draw(lower, upper, dtype):
    drawn = jax.random.truncated_normal(jax.random.key(0), lower, upper, (100_000,), dtype)
    return np.asarray(drawn)


def told(drawn):
    mean = np.inf if drawn.max() > 1e30 else drawn.mean(dtype=np.float64)
    return f"{len(np.unique(drawn))}, {mean:.4f}"


print("bounds    float32: different, mean  float64: different, mean   right mean")
seen = {}
for lower, upper in [(4, 5), (5, 6), (8, 9), (-9, -8), (8, np.inf)]:
    single, double = draw(lower, upper, jnp.float32), draw(lower, upper, jnp.float64)
    seen[lower, upper] = single
    print(f"{lower:2d} .. {upper:3}  {told(single):>23}  {told(double):>23}  {truncnorm.mean(lower, upper):12.4f}")

largest = float(jnp.finfo(jnp.float32).max)
as_stated = (seen[8, np.inf] == largest).all() and (seen[8, 9] > 8.99).all() and (seen[-9, -8] < -8.99).all()
sys.exit(0 if as_stated else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
