#!/usr/bin/env bash
# haliax's self_attention drops the mask that it is given if it is causal, and the padding is attended to.
#
# Date: 2026-11-30
#
# Versions: haliax 1.3, equinox 0.11.10, jax 0.4.35, jaxlib 0.4.35, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   self_attention of haliax takes a mask and is_causal. Its docstring says that a causal mask is created if is_causal
#   is set, since the mask itself may not have the axis of the queries. A batch that is padded on the left needs both.
#   One expects that a token sees what both allow.
#
#   With is_causal the mask has no effect: the output is the same with it, without it, and with a mask of nothing. So
#   what stands in the padding changes each token of the text, and its weight is as large as that of the text. No error
#   or warning tells. Without is_causal the mask works, and dot_product_attention with both masks united is right.
#
#   The source: `self_attention` in haliax/nn/attention.py assigns causal_mask(...) to `mask`. combine_masks_and, a few
#   lines below in the same file, is not used.
#
# Output seen:
#   call                error of the text   moved by what stands in the padding
#   causal                         0.0000                  8.3936
#   causal and mask                1.8662                  8.3936
#   mask                           0.0000                  0.0000
#   both masks united              0.0000                  0.0000
#   with a mask of nothing the output is that without a mask: True
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
import jax
import jax.numpy as jnp
import numpy as np

POS, KEY = haliax.Axis("position", 8), haliax.Axis("key", 4)
PADDING = 3
rng = np.random.default_rng(0)
query, key, value = (haliax.named(rng.normal(size=(8, 4)).astype(np.float32), (POS, KEY)) for _ in range(3))
mask = haliax.arange(POS) >= PADDING
other = haliax.named(rng.normal(size=(8, 4)).astype(np.float32) * 10, (POS, KEY))
changed = haliax.where(mask, value, other)


def oracle(allowed, values):
    scores = np.asarray(query.array) @ np.asarray(key.array).T / 2.0
    weights = np.asarray(jax.nn.softmax(jnp.where(allowed, scores, -1e9), axis=-1))
    return weights @ np.asarray(values.array)


def united(values):
    queries = query.rename({"position": "query"})
    both = hnn.attention.causal_mask(haliax.Axis("query", 8), POS) & mask
    found = hnn.attention.dot_product_attention(POS, KEY, queries, key, values, both)
    return np.asarray(found.rearrange(("query", "key")).array)


def alone(values, is_causal, given):
    found = hnn.attention.self_attention(POS, KEY, query, key, values, is_causal, mask=given)
    return np.asarray(found.rearrange(("position", "key")).array)


lower, keys = np.tril(np.ones((8, 8), bool)), np.arange(8) >= PADDING
calls = {
    "causal": (lambda v: alone(v, True, None), lower),
    "causal and mask": (lambda v: alone(v, True, mask), lower & keys),
    "mask": (lambda v: alone(v, False, mask), np.broadcast_to(keys, (8, 8))),
    "both masks united": (united, lower & keys),
}
seen = {}
print("call                error of the text   moved by what stands in the padding")
for name, (call, allowed) in calls.items():
    error = np.abs(call(value) - oracle(allowed, value))[PADDING:].max()
    moved = np.abs(call(value) - call(changed))[PADDING:].max()
    seen[name] = (float(error), float(moved))
    print(f"{name:20}{error:17.4f}{moved:24.4f}")
nothing = np.abs(alone(value, True, haliax.zeros(POS, dtype=bool)) - alone(value, True, None)).max()
print("with a mask of nothing the output is that without a mask:", bool(nothing == 0))
right = all(seen[name][0] < 1e-4 for name in seen if name != "causal and mask")
kept = all(seen[name][1] < 1e-6 for name in ("mask", "both masks united"))
sys.exit(0 if right and kept and nothing == 0 and min(seen["causal and mask"]) > 0.1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
