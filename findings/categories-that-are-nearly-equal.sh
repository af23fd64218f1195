#!/usr/bin/env bash
# probjax draws a category of 90 % in 54 % of all samples: it takes the probabilities for logits.
#
# Date: 2026-11-30
#
# Versions: probjax 0.1.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, jaxtyping 0.3.11, chex 0.1.92, Python
#   3.12, CPU.
#
# Behaviour:
#   A Categorical with probabilities of 0.90, 0.05 and 0.05 should draw the first category in nine samples of ten.
#   log_prob of probjax has these probabilities.
#
#   Its samples have the first category in 54 % of 200000. The other two have 23 % each. Those are the softmax of 0.90,
#   0.05 and 0.05. A category that is certain is drawn in 58 % of all samples.
#
#   The source: `Categorical` in probjax/distributions/discrete.py takes the softmax of its argument and keeps it as
#   probs. sample then calls jax.random.categorical with probs. That function expects logits, and takes a softmax again.
#
# Output seen:
#   90 %: shares of the samples [0.54, 0.231, 0.229]
#       exp(log_prob) [0.9, 0.05, 0.05], jax with logits 0.900
#       softmax of the probabilities [0.539, 0.23, 0.23]
#   certain: shares of the samples [0.577, 0.212, 0.211]
#       exp(log_prob) [1.0, 0.0, 0.0], jax with logits 1.000
#       softmax of the probabilities [0.576, 0.212, 0.212]
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

import jax
import jax.numpy as jnp
import numpy as np
from probjax.distributions import Categorical

CHANCES = {"90 %": [0.90, 0.05, 0.05], "certain": [1.0, 1e-30, 1e-30]}
first, wanted = [], []
for name, chances in CHANCES.items():
    chances = jnp.array(chances)
    category = Categorical(jnp.log(chances))
    draws = np.asarray(category.sample(jax.random.PRNGKey(0), (200_000,)))
    shares = np.bincount(draws, minlength=3) / draws.size
    by_log_prob = np.exp(np.asarray(category.log_prob(jnp.arange(3))))
    right = np.asarray(jax.random.categorical(jax.random.PRNGKey(0), jnp.log(chances), shape=(200_000,)))
    first.append(shares[0])
    wanted.append(by_log_prob[0])
    print(f"{name}: shares of the samples {shares.round(3).tolist()}")
    print(f"    exp(log_prob) {[round(float(p), 3) for p in by_log_prob]}, jax with logits {np.mean(right == 0):.3f}")
    print(f"    softmax of the probabilities {[round(float(p), 3) for p in jax.nn.softmax(chances)]}")
sys.exit(0 if np.allclose(first, [0.539, 0.576], atol=0.01) and np.allclose(wanted, [0.9, 1], atol=1e-3) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
