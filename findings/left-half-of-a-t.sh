#!/usr/bin/env bash
# jaxampler's StudentT.cdf is 0.985 at -3 as it is at 3, where 0.015 is right: the left half is that of the right.
#
# Date: 2026-11-30
#
# Versions: jaxampler 0.0.7, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, tfp-nightly 0.26.0.dev20261027,
#   Python 3.12, CPU.
#
# Behaviour:
#   A distribution function never falls. It is 0 far to the left, 0.5 at the centre of a symmetric distribution and 1
#   far to the right.
#
#   jaxampler's StudentT.cdf falls from 1 to 0.5 on the left of its centre and rises to 1 on the right of it. So the
#   p-value of a t test on the left side is 0.985 where 0.015 is right, and logcdf is wrong with it. The probability of
#   an interval, cdf(b) - cdf(a), is below 0 on the left, and it is 0 for an interval around the centre. The density pdf
#   and the draws rvs of the same object are right: 1.5% of the draws are below -3.
#
#   The source: `StudentT._cdf_x` in jaxampler/_src/rvs/studentt.py is 1 - 0.5 * I(x), with an I that depends on the
#   square of x. That holds for x above the centre alone.
#
# Output seen:
#      x   jaxampler's cdf    scipy   part of the draws below x   jaxampler's pdf    scipy
#     -3            0.9850   0.0150                      0.0151            0.0173   0.0173
#     -1            0.8184   0.1816                      0.1835            0.2197   0.2197
#      0            0.5000   0.5000                      0.5020            0.3796   0.3796
#      1            0.8184   0.8184                      0.8186            0.2197   0.2197
#      3            0.9850   0.9850                      0.9853            0.0173   0.0173
#   probability between -3 and -1: jaxampler -0.1666, scipy 0.1666
#   probability between -3 and 3: jaxampler 0.0000, scipy 0.9699
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
from jaxampler.rvs import StudentT
from scipy import stats

own = StudentT(5.0)
draws = np.asarray(own.rvs((100_000,), jax.random.key(0)))
seen = {}
print("   x   jaxampler's cdf    scipy   part of the draws below x   jaxampler's pdf    scipy")
for x in (-3.0, -1.0, 0.0, 1.0, 3.0):
    cdf, pdf = float(own.cdf(jnp.array([x]))[0]), float(own.pdf(jnp.array([x]))[0])
    seen[x] = cdf, stats.t.cdf(x, 5), float((draws < x).mean()), pdf, stats.t.pdf(x, 5)
    print(f"{x:4.0f}{seen[x][0]:18.4f}{seen[x][1]:9.4f}{seen[x][2]:28.4f}{seen[x][3]:18.4f}{seen[x][4]:9.4f}")
left, middle = seen[-1.0][0] - seen[-3.0][0], seen[3.0][0] - seen[-3.0][0]
print(f"probability between -3 and -1: jaxampler {left:.4f}, scipy {seen[-1.0][1] - seen[-3.0][1]:.4f}")
print(f"probability between -3 and 3: jaxampler {middle:.4f}, scipy {seen[3.0][1] - seen[-3.0][1]:.4f}")
wrong = all(abs(seen[x][0] - seen[-x][1]) < 1e-4 for x in (-3.0, -1.0))
right = all(abs(seen[x][0] - seen[x][1]) < 1e-4 for x in (0.0, 1.0, 3.0))
others = all(abs(row[2] - row[1]) < 0.01 and abs(row[3] - row[4]) < 1e-4 for row in seen.values())
sys.exit(0 if wrong and right and others and left < 0 and abs(middle) < 1e-5 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
