#!/usr/bin/env bash
# artifex's OneHotCategorical gives its own sample a vector of log probabilities, those of the classes 0 and 1.
#
# Date: 2026-11-30
#
# Versions: avitai-artifex 0.1.15, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, distrax 0.1.9, calibrax 0.1.14,
#   optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   The log probability of a sample of a distribution is one number, log_prob(sample()). A one-hot categorical
#   distribution takes a one-hot vector for it, as its samples are: artifex's docstring of log_prob asks for "one-hot
#   vectors".
#
#   For a batch of one-hot vectors it is right. For a single one, which is what sample() gives without a shape, the
#   answer is a vector: each number of the one-hot vector is taken for an index. With probabilities of 0.1, 0.2 and 0.7
#   the sample [0, 0, 1] has the log probabilities of 0.1, 0.1 and 0.2, where the log of 0.7 is right, so in a loss that
#   takes the mean the most likely class looks the least likely. Under jax.vmap over a batch the same goes wrong, while
#   the same batch without vmap is right.
#
#   The source: `OneHotCategorical.log_prob` in artifex/generative_models/core/distributions/discrete.py takes an
#   argument for one-hot only if it has more than one axis.
#
# Output seen:
#   sample       log_prob in a batch     alone                   in jax.vmap
#   [1. 0. 0.]       -2.303         [-1.609 -2.303 -2.303]   [-1.609 -2.303 -2.303]
#   [0. 1. 0.]       -1.609         [-2.303 -1.609 -2.303]   [-2.303 -1.609 -2.303]
#   [0. 0. 1.]       -0.357         [-2.303 -2.303 -1.609]   [-2.303 -2.303 -1.609]
#   shape of sample() (3,), of log_prob(sample()) (3,)
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
  'avitai-artifex==0.1.15' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12' 'numpy==2.5.5' 'distrax==0.1.9'
  'calibrax==0.1.14' 'optax==0.2.8'
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
from artifex.generative_models.core.distributions import OneHotCategorical
from flax import nnx

CHANCES = np.array([0.1, 0.2, 0.7])
model = OneHotCategorical(probs=jnp.asarray(CHANCES, jnp.float32), rngs=nnx.Rngs(0))
batch = jnp.eye(3)
together = np.asarray(model.log_prob(batch))
mapped = np.asarray(jax.vmap(model.log_prob)(batch))
print("sample       log_prob in a batch     alone                   in jax.vmap")
rows = []
for row, sample in enumerate(np.asarray(batch)):
    alone = np.asarray(model.log_prob(jnp.asarray(sample)))
    rows.append(alone)
    texts = [str(np.round(values, 3)) for values in (alone, mapped[row])]
    print(f"{sample!s:13}{together[row]:10.3f}{texts[0]:>31}   {texts[1]}")
sample = model.sample()
print(f"shape of sample() {sample.shape}, of log_prob(sample()) {model.log_prob(sample).shape}")
right = np.allclose(together, np.log(CHANCES), atol=1e-5)
tokens = np.log(CHANCES)[np.eye(3).astype(int)]
wrong = np.allclose(np.stack(rows), tokens, atol=1e-5)
sys.exit(0 if right and wrong and np.allclose(mapped, np.stack(rows)) and model.log_prob(sample).shape == (3,) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
