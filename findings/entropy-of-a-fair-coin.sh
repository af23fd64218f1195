#!/usr/bin/env bash
# probjax gives a fair coin an entropy of two bits, and an even choice of eight one of minus three.
#
# Date: 2026-11-30
#
# Versions: probjax 0.1.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, jaxtyping 0.3.11, chex 0.1.92, Python
#   3.12, CPU.
#
# Behaviour:
#   The entropy of a fair coin is ln 2, one bit. That of eight equal values is three bits. No discrete distribution has
#   an entropy below 0.
#
#   probjax has twice the right value for the coin. It has 1 bit for a coin that always falls the same way to seven
#   digits, which should have nearly 0. For eight equal values it has -3 bits. For Poisson(4) it has -1.55 nats, where
#   the sum over all counts gives 2.09. For Geometric(0.1) it has 0.33 nats, for 3.25. The continuous chi-squared
#   distribution with 3 degrees of freedom has 1.28 nats for 2.05.
#
#   The source: the entropy properties in probjax/distributions/discrete.py. Bernoulli adds ln 2. Empirical without
#   weights has a minus. Poisson has only the first part of a sum. Geometric is the entropy of one trial, not of all.
#
# Output seen:
#   fair coin: probjax 1.386 nats (2.00 bits), right 0.693
#   coin of 0.9999999: probjax 0.693 nats (1.00 bits), right 0.000
#   eight equal values: probjax -2.079 nats (-3.00 bits), right 2.079
#   Poisson(4): probjax -1.545 nats (-2.23 bits), right 2.087
#   Geometric(0.1): probjax 0.325 nats (0.47 bits), right 3.251
#   chi-squared(3): probjax 1.275 nats (1.84 bits), right 2.054
#   Categorical, eight equal: probjax 2.079 nats (3.00 bits), right 2.079
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
packages=('jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'jaxtyping==0.3.11' 'chex==0.1.92')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi
# The samplers of the package need more packages, and its distributions do not.
alone=('probjax==0.1.0')
if command -v uv >/dev/null; then
  uv pip install -q -p "$folder/venv/bin/python" --no-deps "${alone[@]}" || exit 2
else
  "$folder/venv/bin/pip" install -q --no-deps "${alone[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from probjax.distributions import Bernoulli, Categorical, Chi2, Empirical, Geometric, Poisson
from scipy import stats

zero, one = jnp.array(0.0), jnp.array(1.0)
counts = np.arange(1, 2000)
tries = stats.geom(0.1).pmf(counts)
tries = tries[tries > 0]
cases = {
    "fair coin": (Bernoulli(jnp.array(0.5)).entropy, stats.bernoulli(0.5).entropy()),
    "coin of 0.9999999": (Bernoulli(jnp.array(0.9999999)).entropy, stats.bernoulli(0.9999999).entropy()),
    "eight equal values": (Empirical(jnp.arange(8.0)).entropy, np.log(8)),
    "Poisson(4)": (Poisson(jnp.array(4.0)).entropy, stats.poisson(4).entropy()),
    "Geometric(0.1)": (Geometric(jnp.array(0.1)).entropy, -np.sum(tries * np.log(tries))),
    "chi-squared(3)": (Chi2(3.0 * one, zero, one).entropy(), stats.chi2(3).entropy()),
    "Categorical, eight equal": (Categorical(jnp.zeros(8)).entropy, np.log(8)),
}
wrong = []
for name, (own, right) in cases.items():
    wrong.append(abs(float(own) - right) > 0.3)
    print(f"{name}: probjax {float(own):.3f} nats ({float(own) / np.log(2):.2f} bits), right {right:.3f}")
sys.exit(0 if wrong == [True] * 6 + [False] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
