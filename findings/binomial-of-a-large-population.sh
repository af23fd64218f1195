#!/usr/bin/env bash
# numpyro's Binomial gives 100,000 cases in a population of 100 million a probability of exp(58).
#
# Date: 2026-11-28
#
# Versions: numpyro 0.22.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#
#   A count of cases in a large population is what a binomial likelihood is for. The docstring of Binomial.log_prob says
#   that it is evaluated in log-space by gammaln to prevent overflow and underflow, so one expects the logarithm of a
#   probability to a few digits, and none above 0.
#
#   Binomial.log_prob (numpyro/distributions/discrete.py) adds and subtracts logarithms of factorials, which are about
#   1.8e9 here; a float32 of that size is exact to 128. For a million people and one case the result is -1.8 in the
#   place of -1.0, and for 100 million it lies anywhere between -170 and 200: neighbouring counts differ by up to 249,
#   where 0.01 is right. A sampler sees noise of hundreds in its log density. Nothing warns, and no float is infinite.
#   scipy in float64 is right, and so is numpyro with jax_enable_x64.
#
# Output seen:
#   population        cases   log_prob      right
#        10,000          10      -2.07      -2.08
#     1,000,000       1,000      -4.26      -4.37
#     1,000,000           1      -1.82      -1.00
#   100,000,000     100,000      58.45      -6.67
#   100,000,000  50,000,000     -32.00      -9.44
#   99,000 to 101,000 cases of 100 million:
#     log_prob  between -171.8 and  202.2, largest at 99,868
#     right     between  -11.7 and   -6.7, largest at 100,000
#     log_prob of neighbours differs by up to 249.1, right: 0.010
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
packages=('numpyro==0.22.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import scipy.stats

print("population        cases   log_prob      right")
rows = []
for population, rate in ((10_000, 1e-3), (1_000_000, 1e-3), (1_000_000, 1e-6), (100_000_000, 1e-3), (100_000_000, 0.5)):
    cases = round(population * rate)
    exact = scipy.stats.binom(population, float(np.float32(rate))).logpmf(cases)
    got = float(dist.Binomial(population, jnp.float32(rate)).log_prob(jnp.int32(cases)))
    rows.append((population, got, exact))
    print(f"{population:11,} {cases:11,} {got:10.2f} {exact:10.2f}")

counts = np.arange(99_000, 101_001)
model = dist.Binomial(100_000_000, jnp.float32(1e-3))
logs = np.asarray(model.log_prob(jnp.asarray(counts)), np.float64)
right = scipy.stats.binom(100_000_000, float(np.float32(1e-3))).logpmf(counts)
print("99,000 to 101,000 cases of 100 million:")
for text, values in (("log_prob", logs), ("right", right)):
    print(f"  {text:9} between {values.min():6.1f} and {values.max():6.1f}, largest at {counts[values.argmax()]:,}")
small, large = rows[0], rows[-2:]
steps = np.abs(np.diff(logs)).max(), np.abs(np.diff(right)).max()
print("  log_prob of neighbours differs by up to {:.1f}, right: {:.3f}".format(*steps))
fine = abs(small[1] - small[2]) < 0.05
wrong = large[0][1] > 10 and abs(large[1][1] - large[1][2]) > 5 and logs.max() > 10 and right.max() < -6
sys.exit(0 if fine and wrong and abs(rows[2][1] - rows[2][2]) > 0.5 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
