#!/usr/bin/env bash
# haliax.nn.attention.mask_to_bias hides what the mask allows: the weight of the padding becomes 1, and not 0.
#
# Date: 2026-11-30
#
# Versions: haliax 1.3, equinox 0.11.10, jax 0.4.35, jaxlib 0.4.35, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A mask of haliax's attention is True where a token may be seen. mask_to_bias makes a bias of such a mask, to be
#   added to the scores in place of it, with a large negative number as its mask_value. One expects the same weights
#   from the mask and from its bias.
#
#   They are the other way round: the bias is -1e9 where the mask is True, and 0 where it is False. So the whole weight
#   goes to the padding, and with a causal mask each token sees its future alone, and the last one, which has none, all
#   alike. No error or NaN tells. The bias of the opposite of the mask gives the right weights.
#
#   The source: `mask_to_bias` in haliax/nn/attention.py is mask * mask_value. Where dot_product_attention_weights of
#   the same file takes a mask, it keeps the scores at True.
#
# Output seen:
#   mask            given as                largest weight of what is hidden   error of the weights
#   two of padding  the mask                                           0.000                  0.000
#   two of padding  its bias                                           0.888                  0.888
#   two of padding  the bias of its opposite                           0.000                  0.000
#   causal          the mask                                           0.000                  0.000
#   causal          its bias                                           1.000                  1.000
#   causal          the bias of its opposite                           0.000                  0.000
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
packages=('haliax==1.3' 'equinox==0.11.10' 'jax==0.4.35' 'jaxlib==0.4.35' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import haliax
import haliax.nn as hnn
import numpy as np

QUERY, POS, KEY = haliax.Axis("query", 6), haliax.Axis("position", 6), haliax.Axis("key", 4)
rng = np.random.default_rng(0)
queries = haliax.named(rng.normal(size=(6, 4)).astype(np.float32), (QUERY, KEY))
keys = haliax.named(rng.normal(size=(6, 4)).astype(np.float32), (POS, KEY))
MASKS = {
    "two of padding": haliax.arange(POS) < 4,
    "causal": hnn.attention.causal_mask(QUERY, POS),
}


def weights(**given):
    found = hnn.attention.dot_product_attention_weights(KEY, POS, queries, keys, **given)
    return np.asarray(found.rearrange(("query", "position")).array)


seen = {}
print("mask            given as                largest weight of what is hidden   error of the weights")
for name, mask in MASKS.items():
    allowed = np.broadcast_to(np.asarray(mask.array), (6, 6))
    right = weights(mask=mask)
    rows = {
        "the mask": right,
        "its bias": weights(bias=hnn.attention.mask_to_bias(mask)),
        "the bias of its opposite": weights(bias=hnn.attention.mask_to_bias(~mask)),
    }
    for how, found in rows.items():
        hidden = float(np.where(allowed, 0, found).max())
        error = float(np.abs(found - right).max())
        seen[name, how] = (hidden, error)
        print(f"{name:16}{how:26}{hidden:30.3f}{error:23.3f}")
right = all(row == (0.0, 0.0) or max(row) < 1e-6 for (_, how), row in seen.items() if how != "its bias")
wrong = all(row[0] > 0.5 and row[1] > 0.5 for (_, how), row in seen.items() if how == "its bias")
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
