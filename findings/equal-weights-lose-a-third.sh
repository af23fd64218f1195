#!/usr/bin/env bash
# blackjax's residual resampling of 500 equal weights keeps 316 particles, where it is to keep each one exactly once.
#
# Date: 2026-11-29
#
# Versions: blackjax 1.7.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   Residual resampling takes floor(n * weight) copies of each particle, and draws only the rest at random. Equal
#   weights, after a tempering step of no size or with a flat likelihood, leave no rest: one expects each particle once,
#   as systematic and stratified resampling give.
#
#   With weights from log-weights, as blackjax's SMC computes them, 500 particles become about 316 different ones, which
#   is what the multinomial scheme gives, and the mean of the particles moves by as much. The weight is 0.002 rounded
#   down in float32, so that 500 times it is below 1 and its floor is 0: the whole number of copies becomes a draw. 64
#   particles are kept, as a power of 2 is not rounded. The result is right on the average, so that only the variance
#   tells.
#
#   The source: `residual` in blackjax/smc/resampling.py has `jnp.floor(num_samples * weights)`, without room for
#   rounding.
#
# Output seen:
#   equal weights from log-weights, 100 times
#       n  n * weight - 1  scheme         different particles   deviation of the mean of n values
#      64         0.0e+00  systematic                   64.00                             0.00000
#      64         0.0e+00  stratified                   64.00                             0.00000
#      64         0.0e+00  residual                     64.00                             0.00000
#      64         0.0e+00  multinomial                  40.41                             0.12992
#     500        -6.0e-08  systematic                  500.00                             0.00000
#     500        -6.0e-08  stratified                  500.00                             0.00000
#     500        -6.0e-08  residual                    315.86                             0.04759
#     500        -6.0e-08  multinomial                 314.64                             0.04690
#   of the sizes from 2 to 5,000, 610 are short with weights of 1 / n too, the first is 41
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
packages=('blackjax==1.7.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from blackjax.smc import resampling

DRAWS = 100
SCHEMES = {
    "systematic": resampling.systematic,
    "stratified": resampling.stratified,
    "residual": resampling.residual,
    "multinomial": resampling.multinomial,
}


def normalized(log_weights):
    return jnp.exp(log_weights - jax.nn.logsumexp(log_weights))


def resample(scheme, weights):
    keys = jax.random.split(jax.random.key(1), DRAWS)
    return np.asarray(jax.jit(jax.vmap(lambda key: scheme(key, weights, len(weights))))(keys))


seen = {}
print(f"equal weights from log-weights, {DRAWS} times")
print("    n  n * weight - 1  scheme         different particles   deviation of the mean of n values")
for n in (64, 500):
    weights = normalized(jnp.zeros(n))
    values = np.asarray(jax.random.normal(jax.random.key(2), (n,)), np.float64)
    for name, scheme in SCHEMES.items():
        indices = resample(scheme, weights)
        different = float(np.mean([len(np.unique(row)) for row in indices]))
        seen[n, name] = different, float(values[indices].mean(1).std())
        print(f"{n:5} {float(n * weights[0]) - 1:15.1e}  {name:12} {different:21.2f} {seen[n, name][1]:35.5f}")

sizes = np.arange(2, 5_001, dtype=np.float32)
short = np.floor(sizes * (1 / sizes)) == 0
first = int(sizes[short][0])
print("of the sizes from 2 to 5,000,", int(short.sum()), "are short with weights of 1 / n too, the first is", first)
kept = all(seen[n, name][0] == n for n in (64, 500) for name in ("systematic", "stratified"))
lost = seen[64, "residual"][0] == 64 and seen[500, "residual"][0] < 340 and seen[500, "residual"][1] > 0.03
sys.exit(0 if kept and lost and seen[500, "systematic"][1] < 1e-6 and short.sum() > 100 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
