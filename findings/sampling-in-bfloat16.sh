#!/usr/bin/env bash
# jax.random.categorical draws a few hundred of 32,000 tokens from bfloat16 logits.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   The head of a language model with dtype=jnp.bfloat16 gives bfloat16 logits, and a sampler hands them to
#   jax.random.categorical. Eight bits round each logit by less than 1%, so one expects about that error in
#   the probabilities.
#
#   The head here has 32,000 tokens and random weights. The likeliest 1% of the tokens has 10% of the
#   probability, and gets 97% of the draws in bfloat16. Where all tokens are equally likely, the first tenth
#   of the vocabulary gets nearly all of the draws. categorical (jax/_src/random/core.py) takes the argmax
#   of the logits plus Gumbel noise in the dtype of the logits. A uniform number of bfloat16 has 128 values,
#   so the noise has no more, and never exceeds 4.9. Unlikely tokens can not win, and of hundreds that share
#   the largest sum argmax takes the first. The docstring speaks of events below 1e-7, and of float32 alone.
#   A cast of the logits to float32 is the remedy.
#
# Output seen:
#   logits: bfloat16 (32000,)
#                                           probability  float32  float16  bfloat16
#   likeliest 1%                                 0.11      0.11      0.47      0.97
#   first tenth, all equally likely              0.10      0.09      0.95      1.00
#   different tokens in 1,000 draws:                        953       670       279
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1')
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
from flax import nnx

tokens, draws = 32_000, 1_000
head = nnx.Linear(64, tokens, dtype=jnp.bfloat16, rngs=nnx.Rngs(0))
logits = head(jax.random.normal(jax.random.key(1), (64,)))
print("logits:", logits.dtype, logits.shape)


def shares(group, logits):
    """The probability of a group of tokens, and its share of the draws in three dtypes."""
    result = [float(jax.nn.softmax(logits.astype(jnp.float32))[group].sum())]
    for dtype in (jnp.float32, jnp.float16, jnp.bfloat16):
        sample = jax.random.categorical(jax.random.key(2), logits.astype(dtype), shape=(draws,))
        result.append(float(jnp.isin(sample, group).mean()))
        different.append(len(set(sample.tolist())))
    return result


different = []
likely = shares(jnp.argsort(-logits)[: tokens // 100], logits)
first = shares(jnp.arange(tokens // 10), 0 * logits)
print("                                        probability  float32  float16  bfloat16")
for text, row in (("likeliest 1%", likely), ("first tenth, all equally likely", first)):
    print(f"{text:39}", *(f"{share:9.2f}" for share in row))
print("different tokens in 1,000 draws:                 ", *(f"{n:9}" for n in different[:3]))
right = [abs(row[1] - row[0]) < 0.05 for row in (likely, first)]
wrong = [row[3] > row[0] + 0.2 for row in (likely, first)]
sys.exit(0 if all(right + wrong) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
