#!/usr/bin/env bash
# metrax.NDCGAtK with labels of uint8 gives the best ranking the score 0 and a bad one the score 1.
#
# Date: 2026-11-30
#
# Versions: google-metrax 0.2.4, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   NDCG divides what a ranking gains by what the best one would gain. The grades of relevance run from 0 to 4, so that
#   many data sets hold them as uint8. The docstring asks for an array of graded relevance scores. One expects the same
#   of each dtype of the labels, and 1 for the ranking that has the best first.
#
#   With int32, int8 and float32 it is so. With uint8, and the other unsigned ones, the ideal ranking is one that has
#   all irrelevant items first. Among 8 items the best ranking gets 0 at 1 and at 3. At 8 a bad one gets 1, where 0.63
#   is right, as a cap hides what is above 1. DCGAtK of the same labels is right.
#
#   The source: `_calculate_dcg_at_ks` in metrax/ranking_metrics.py sorts by the negative of the scores, and NDCGAtK
#   gives it the labels as scores. The negative of an unsigned 4 is 252, and that of 0 is 0.
#
# Output seen:
#   ranking           labels    NDCG at 1, 3 and 8      right                   DCG at 1, 3 and 8
#   best first        float32   [1. 1. 1.]              [1. 1. 1.]              [15.    20.917 21.347]
#   best first        int32     [1. 1. 1.]              [1. 1. 1.]              [15.    20.917 21.347]
#   best first        int8      [1. 1. 1.]              [1. 1. 1.]              [15.    20.917 21.347]
#   best first        uint8     [0. 0. 1.]              [1. 1. 1.]              [15.    20.917 21.347]
#   best first        uint32    [0. 0. 1.]              [1. 1. 1.]              [15.    20.917 21.347]
#   mixed             float32   [0.    0.452 0.631]     [0.    0.452 0.631]     [ 0.     9.464 13.476]
#   mixed             int32     [0.    0.452 0.631]     [0.    0.452 0.631]     [ 0.     9.464 13.476]
#   mixed             int8      [0.    0.452 0.631]     [0.    0.452 0.631]     [ 0.     9.464 13.476]
#   mixed             uint8     [0. 0. 1.]              [0.    0.452 0.631]     [ 0.     9.464 13.476]
#   mixed             uint32    [0. 0. 1.]              [0.    0.452 0.631]     [ 0.     9.464 13.476]
#   irrelevant first  float32   [0.    0.    0.399]     [0.    0.    0.399]     [0.    0.    8.521]
#   irrelevant first  int32     [0.    0.    0.399]     [0.    0.    0.399]     [0.    0.    8.521]
#   irrelevant first  int8      [0.    0.    0.399]     [0.    0.    0.399]     [0.    0.    8.521]
#   irrelevant first  uint8     [0.    0.    0.887]     [0.    0.    0.399]     [0.    0.    8.521]
#   irrelevant first  uint32    [0.    0.    0.887]     [0.    0.    0.399]     [0.    0.    8.521]
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

LABELS = np.array([[0, 0, 0, 0, 4, 3, 2, 1]])
RANKINGS = {
    "best first": [[0.0, 0.1, 0.2, 0.3, 8.0, 7.0, 6.0, 5.0]],
    "mixed": [[8.0, 3.0, 6.0, 1.0, 7.0, 2.0, 5.0, 4.0]],
    "irrelevant first": [[8.0, 7.0, 6.0, 5.0, 1.0, 2.0, 3.0, 4.0]],
}
KS = np.array([1, 3, 8])


def right(scores):
    def gain(order):
        return np.array([np.sum((2.0 ** LABELS[0][order[:k]] - 1) / np.log2(np.arange(k) + 2)) for k in KS])

    return gain(np.argsort(-np.array(scores[0]))) / gain(np.argsort(-LABELS[0]))


seen = {}
print("ranking           labels    NDCG at 1, 3 and 8      right                   DCG at 1, 3 and 8")
for name, scores in RANKINGS.items():
    for dtype in (jnp.float32, jnp.int32, jnp.int8, jnp.uint8, jnp.uint32):
        found = [
            np.asarray(kind.from_model_output(jnp.array(scores), jnp.array(LABELS, dtype), jnp.array(KS)).compute())
            for kind in (metrax.NDCGAtK, metrax.DCGAtK)
        ]
        seen[name, dtype] = (found[0], right(scores), found[1])
        print(f"{name:18}{dtype.__name__:10}" + "".join(f"{np.round(a, 3)!s:24}" for a in seen[name, dtype]))
signed = all(np.allclose(a, b, atol=1e-5) for (_, dtype), (a, b, _) in seen.items() if "uint" not in dtype.__name__)
unsigned = all(
    np.allclose(seen["best first", dtype][0][:2], 0)
    and seen["mixed", dtype][0][2] == 1
    and seen["mixed", dtype][1][2] < 0.7
    for dtype in (jnp.uint8, jnp.uint32)
)
plain = all(np.allclose(seen[name, jnp.float32][2], row[2]) for (name, _), row in seen.items())
sys.exit(0 if signed and unsigned and plain else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
