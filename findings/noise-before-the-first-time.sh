#!/usr/bin/env bash
# probjax's Ornstein-Uhlenbeck paths have no noise before their first time, and no finite value after 44.
#
# Date: 2026-11-30
#
# Versions: probjax 0.1.0, jax 0.6.2, jaxlib 0.6.2, numpy 2.4.0, scipy 1.17.0, jaxtyping 0.3.3, chex 0.1.90, Python
#   3.12, CPU.
#
# Behaviour:
#   An Ornstein-Uhlenbeck process begins with p0 at the time 0. Its variance at the time t does not depend on which
#   other times are asked for.
#
#   sample gives other results for other lists of times. With theta and sigma 1 and a start without spread, the variance
#   at the time 1 is 0.43, if the times are 0, 1 and 2. It is 0 if they are 1 and 2, and then 0.43 at the time 2, for
#   0.49. variance of the same object has 0.43 and 0.49. So the noise begins at the first time that is asked for.
#
#   No path has a finite value at the time 45 or later, where theta times t is above 44. At 45 all are infinite, at 60
#   all are NaN. The right variance there is 0.5.
#
#   The source: `OrnsteinUhlenbeck.sample` in probjax/distributions/sde.py puts a Wiener process of 0 at ts[0]. It runs
#   on the times exp(2 theta t), which float32 can hold up to 88 = 2 theta t.
#
# Output seen:
#   times [0.0, 1.0, 2.0]: variances of the paths [0.0, 0.43, 0.49]
#       variance(t) [0.0, 0.43, 0.49]
#   times [1.0, 2.0]: variances of the paths [0.0, 0.43]
#       variance(t) [0.43, 0.49]
#   times [2.0, 3.0]: variances of the paths [0.0, 0.43]
#       variance(t) [0.49, 0.5]
#   times [0.0, 20.0, 40.0, 44.0, 45.0, 60.0]: variances of the paths [0.0, 0.5, 0.5, 0.5, nan, nan]
#       variance(t) [0.0, 0.5, 0.5, 0.5, 0.5, 0.5]
#   variance at 1 by 1000 steps of Euler: 0.43
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
packages=('jax==0.6.2' 'jaxlib==0.6.2' 'numpy==2.4.0' 'scipy==1.17.0' 'jaxtyping==0.3.3' 'chex==0.1.90')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi
# Other parts of the package need more packages, and this one does not. It imports jax.util, so jax is not the newest.
alone=('probjax==0.1.0')
if command -v uv >/dev/null; then
  uv pip install -q -p "$folder/venv/bin/python" --no-deps "${alone[@]}" || exit 2
else
  "$folder/venv/bin/pip" install -q --no-deps "${alone[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
import jax.numpy as jnp
import numpy as np
from probjax.distributions import Normal
from probjax.distributions.sde import OrnsteinUhlenbeck

one = jnp.array(1.0)
process = OrnsteinUhlenbeck(one, 0.0 * one, one, Normal(0.0 * one, 1e-6 * one))
seen = {}
for times in ([0.0, 1.0, 2.0], [1.0, 2.0], [2.0, 3.0], [0.0, 20.0, 40.0, 44.0, 45.0, 60.0]):
    paths = np.asarray(process.sample(jax.random.PRNGKey(0), jnp.array(times), (100_000,)))
    with np.errstate(invalid="ignore"):
        spread = paths.var(axis=0)
    seen[tuple(times)] = spread
    print(f"times {times}: variances of the paths {[round(float(v), 2) for v in spread]}")
    print(f"    variance(t) {[round(float(v), 2) for v in process.variance(jnp.array(times))]}")
rng = np.random.default_rng(0)
x = np.zeros(100_000)
for _ in range(1000):
    x += -x * 0.001 + np.sqrt(0.001) * rng.normal(size=x.size)
print(f"variance at 1 by 1000 steps of Euler: {x.var():.2f}")
zero_first = seen[(1.0, 2.0)][0] < 1e-6 and seen[(2.0, 3.0)][0] < 1e-6 and abs(seen[(0.0, 1.0, 2.0)][1] - 0.432) < 0.01
long = seen[(0.0, 20.0, 40.0, 44.0, 45.0, 60.0)]
sys.exit(0 if zero_first and np.isfinite(long[:4]).all() and not np.isfinite(long[4:]).any() else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
