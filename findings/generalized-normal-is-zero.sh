#!/usr/bin/env bash
# jax.random.generalized_normal with a power of 100 is exactly 0 in 42% of its draws, and jax.random.ball has holes.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   jax.random.generalized_normal(key, p) has the density exp(-|x|**p): the normal one for p = 2, and with a
#   growing p a uniform one on [-1, 1] with soft edges. jax.random.ball(key, d, p) draws from the ball of the
#   p-norm by it, and a large p stands for the maximum norm. No draw is 0, but for one in a billion.
#
#   With p = 100 each draw is exactly 0 with probability 0.42, with p = 1000 it is 0.92. In the ball of power 100
#   in three dimensions 81% of the points lie on a coordinate plane and 7% are the centre. _generalized_normal
#   (jax/_src/random/core.py) takes the root g**(1 / p) of a Gamma draw g with the shape 1 / p, and so small a
#   shape puts 42% of the draws below the smallest float32. Their roots lie between 0 and 0.42. jax.random.loggamma,
#   which is made for such shapes, gives the right deviation without one 0. The documentation only asks for p > 0.
#
# Output seen:
#   power   zeros   deviation   right
#       2   0.000       0.706   0.707
#       5   0.000       0.569   0.570
#      20   0.013       0.565   0.565
#     100   0.421       0.552   0.574
#    1000   0.917       0.276   0.577
#   100, by loggamma: 0.000 zeros, deviation 0.574
#   ball of power 100, 3 dimensions: on a coordinate plane 0.806, the centre 0.073
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
from scipy.stats import gennorm

key = jax.random.key(0)
print("power   zeros   deviation   right")
zeros = {}
for p in (2.0, 5.0, 20.0, 100.0, 1000.0):
    x = np.asarray(jax.random.generalized_normal(key, p, (100_000,)), np.float64)
    zeros[p] = (x == 0).mean()
    print(f"{p:5.0f}  {zeros[p]:6.3f}  {x.std():10.3f}  {gennorm(p).std():6.3f}")
x = np.asarray(jax.random.ball(key, 3, 100.0, (100_000,)), np.float64)
log_g = jax.random.loggamma(key, 1 / 100, (100_000,))
y = np.asarray(jnp.exp(log_g / 100), np.float64)
print(f"100, by loggamma: {(y == 0).mean():.3f} zeros, deviation {np.sqrt((y * y).mean()):.3f}")
flat, centre = (x == 0).any(1).mean(), (x == 0).all(1).mean()
print(f"ball of power 100, 3 dimensions: on a coordinate plane {flat:.3f}, the centre {centre:.3f}")
sys.exit(0 if zeros[2.0] == 0 and zeros[100.0] > 0.4 and flat > 0.7 and (y == 0).mean() == 0 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
