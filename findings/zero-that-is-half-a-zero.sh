#!/usr/bin/env bash
# diffbio's zero-inflated loss counts a zero half as a zero: 3.44 where 0.69 is right, so dropouts are fitted as counts.
#
# Date: 2026-11-30
#
# Versions: diffbio 0.1.9, avitai-artifex 0.1.15, datarax 0.1.17, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5,
#   scipy 1.18.1, opifex 0.2.10, Python 3.12, CPU.
#
# Behaviour:
#   A zero-inflated negative binomial gives a count of 0 the probability pi + (1 - pi) NB(0), and another count (1 - pi)
#   NB(count). diffbio.losses.statistical_losses.zinb_negative_log_likelihood has that formula in its docstring, after
#   scVI.
#
#   For counts above 0 it is right to six digits. For 0 it is the mean of two logarithms, of the probability above and
#   of (1 - pi) NB(0) alone: 3.44 where 0.69 is right, for a mean of 10. Most counts of a single cell are 0. A fit of
#   the mean, the dispersion and pi to data of their own law (5, 2 and 0.5) ends at a mean of 2.56, a dispersion of 0.30
#   and a pi of 0.00, which is no inflation at all.
#
#   The source: diffbio/losses/statistical_losses.py weighs the two cases by `soft_ops.less(counts, eps,
#   softness=0.01)`, a sigmoid of (1e-8 - 0) / 0.01, which is one half for a count of 0.
#
# Output seen:
#   count  mean  theta   pi    diffbio   scipy
#       0     1      2  0.1     0.8047  0.6931
#       0     3      2  0.3     1.5380  0.8867
#       0    10      5  0.5     3.4376  0.6890
#       1     1      2  0.1     1.3218  1.3218
#       1     3      2  0.3     2.0069  2.0069
#       1    10      5  0.5     4.9822  4.9822
#       5     1      2  0.1     4.6176  4.6176
#       5     3      2  0.3     2.9516  2.9516
#       5    10      5  0.5     3.3773  3.3773
#   fit by diffbio: mean 2.56, theta 0.30, pi 0.00
#   fit by formula: mean 5.16, theta 2.12, pi 0.50
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
  'diffbio==0.1.9' 'avitai-artifex==0.1.15' 'datarax==0.1.17' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12'
  'numpy==2.5.5' 'scipy==1.18.1' 'opifex==0.2.10'
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
import optax
from diffbio.losses.statistical_losses import zinb_negative_log_likelihood
from scipy.stats import nbinom


def right(counts, mean, theta, share):
    chance = nbinom.pmf(counts, theta, theta / (theta + mean))
    return -np.log(share * (counts == 0) + (1 - share) * chance)


def own(counts, mean, theta, share):
    shape = jnp.shape(counts)
    logs = [jnp.full(shape, value) for value in (np.log(mean), np.log(theta), np.log(share / (1 - share)))]
    return float(zinb_negative_log_likelihood(counts, *logs))


rows = []
print("count  mean  theta   pi    diffbio   scipy")
for count in (0.0, 1.0, 5.0):
    for mean, theta, share in ((1.0, 2.0, 0.1), (3.0, 2.0, 0.3), (10.0, 5.0, 0.5)):
        rows.append((count, own(jnp.array([count]), mean, theta, share), right(count, mean, theta, share)))
        print(f"{count:5.0f}{mean:6.0f}{theta:7.0f}{share:5.1f}{rows[-1][1]:11.4f}{rows[-1][2]:8.4f}")

rng = np.random.default_rng(0)
data = rng.negative_binomial(2, 2 / (2 + 5), size=4000) * (rng.uniform(size=4000) > 0.5)
counts = jnp.asarray(data, jnp.float32)


def formula(counts, log_mean, log_theta, logit):
    mean, theta = jnp.exp(log_mean), jnp.exp(log_theta)
    gammaln = jax.scipy.special.gammaln
    chance = gammaln(counts + theta) - gammaln(theta) - gammaln(counts + 1)
    chance += theta * jnp.log(theta / (theta + mean)) + counts * jnp.log(mean / (theta + mean))
    zero = jnp.logaddexp(jax.nn.log_sigmoid(logit), jax.nn.log_sigmoid(-logit) + chance)
    return -jnp.sum(jnp.where(counts == 0, zero, jax.nn.log_sigmoid(-logit) + chance))


fits = {}
for name, loss in (("diffbio", zinb_negative_log_likelihood), ("formula", formula)):
    values, transform = jnp.array([1.0, 0.0, 0.0]), optax.adam(0.02)

    def mean_loss(values, loss=loss):
        return loss(counts, *(jnp.broadcast_to(value, counts.shape) for value in values)) / counts.size

    state, slope = transform.init(values), jax.jit(jax.grad(mean_loss))
    for _ in range(1500):
        change, state = transform.update(slope(values), state)
        values = values + change
    fits[name] = float(jnp.exp(values[0])), float(jnp.exp(values[1])), float(jax.nn.sigmoid(values[2]))
    print(f"fit by {name}: mean {fits[name][0]:.2f}, theta {fits[name][1]:.2f}, pi {fits[name][2]:.2f}")
above = all(abs(a - b) < 1e-4 for count, a, b in rows if count > 0)
zero = all(a > b + 0.1 for count, a, b in rows if count == 0)
fitted = abs(fits["formula"][0] - 5) < 0.4 and abs(fits["formula"][2] - 0.5) < 0.05 and fits["diffbio"][2] < 0.4
sys.exit(0 if above and zero and fitted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
