#!/usr/bin/env bash
# metrax.Perplexity of one corpus is 1.67 or 5.35, by the order of its sentences, where 1.67 is right for each.
#
# Date: 2026-11-30
#
# Versions: google-metrax 0.2.4, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The docstring of metrax.Perplexity has the formula with weights: the exponential of the weighted mean of the losses
#   of all tokens. Padding gets the weight 0. One expects the perplexity of a corpus, however its sentences are put into
#   batches: sums of losses and of weights are all that is needed.
#
#   Half of the sentences have 64 tokens, which the model knows, and half have 4, which it does not. In batches of 8 the
#   perplexity is 1.67 if each batch has as many of both, 1.74 if they are shuffled, and 5.35 if they are sorted by
#   length, as is usual to save padding. One sentence at a time it is 5.35 in each order. Without weights, and in one
#   batch of all, the metric is right.
#
#   The source: `from_model_output` in metrax/nlp_metrics.py divides by the weights of the batch, and then multiplies by
#   the number of its sentences; `merge` adds these. So a batch of short sentences weighs as much as one of long ones.
#
# Output seen:
#   sentences   size of a batch   with weights   right   without weights   right
#   by length                 1          5.345   1.668             5.345   5.345
#   by length                 8          5.345   1.668             5.345   5.345
#   by length                64          1.668   1.668             5.345   5.345
#   mixed                     1          5.345   1.668             5.345   5.345
#   mixed                     8          1.668   1.668             5.345   5.345
#   mixed                    64          1.668   1.668             5.345   5.345
#   shuffled                  1          5.345   1.668             5.345   5.345
#   shuffled                  8          1.740   1.668             5.345   5.345
#   shuffled                 64          1.668   1.668             5.345   5.345
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
packages=('google-metrax==0.2.4' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import metrax
import numpy as np

VOCABULARY, LENGTH, SIZE = 50, 64, 8
rng = np.random.default_rng(0)
lengths = np.where(np.arange(64) < 32, 4, LENGTH)
labels = rng.integers(0, VOCABULARY, (64, LENGTH))
certain = np.where(lengths == LENGTH, 0.7, 0.05)[:, None] * np.ones(LENGTH)
predictions = np.repeat(((1 - certain) / (VOCABULARY - 1))[..., None], VOCABULARY, -1).astype(np.float32)
np.put_along_axis(predictions, labels[..., None], certain[..., None].astype(np.float32), -1)
weights = (np.arange(LENGTH) < lengths[:, None]).astype(np.float32)


def perplexity(order, size, weighted=True):
    metric = metrax.Perplexity.empty()
    for part in np.split(np.array(order), 64 // size):
        given = jnp.array(weights[part]) if weighted else None
        metric = metric.merge(
            metrax.Perplexity.from_model_output(jnp.array(predictions[part]), jnp.array(labels[part]), given)
        )
    return float(metric.compute())


right = float(np.exp(-np.sum(weights * np.log(certain)) / np.sum(weights)))
plain = float(np.exp(-np.mean(np.log(certain))))
orders = {"by length": np.arange(64), "mixed": np.argsort(np.arange(64) % 32, kind="stable")}
orders["shuffled"] = rng.permutation(64)
seen = {}
print("sentences   size of a batch   with weights   right   without weights   right")
for name, order in orders.items():
    for size in (1, 8, 64):
        seen[name, size] = (perplexity(order, size), perplexity(order, size, False))
        print(f"{name:12}{size:15}{seen[name, size][0]:15.3f}{right:8.3f}{seen[name, size][1]:18.3f}{plain:8.3f}")
control = all(abs(row[1] - plain) < 1e-3 for row in seen.values())
whole = all(abs(seen[name, size][0] - right) < 1e-3 for name, size in (("mixed", 8), *((name, 64) for name in orders)))
wrong = seen["by length", 8][0] > 2 * right and seen["shuffled", 1][0] > 2 * right
sys.exit(0 if control and whole and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
