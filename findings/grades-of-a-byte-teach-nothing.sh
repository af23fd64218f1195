#!/usr/bin/env bash
# Pairwise losses of rax teach nothing if the grades are uint8, and rax.opa_metric is 0.5 for each ranking.
#
# Date: 2026-11-30
#
# Versions: rax 0.4.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The labels of a ranking are grades of relevance, such as 0 to 4, and many data sets hold them as uint8. rax asks for
#   an array of relevance labels. A pairwise loss pushes the item of the higher grade above the other one, and
#   rax.opa_metric is the share of the pairs that are in the right order. One expects the same of each dtype of the
#   labels.
#
#   With uint8 and the other unsigned ones each pair of two grades counts twice, once in each direction. opa_metric is
#   0.5 for the best ranking and for the worst. A training on pairwise_logistic_loss ends where all scores are equal,
#   and one on pairwise_hinge_loss stays where it starts. No error or warning tells. softmax_loss and ndcg_metric are
#   right.
#
#   The source: `pairwise_loss` in rax/_src/losses.py, and opa_metric in rax/_src/metrics.py, subtract the labels of
#   each pair and ask which differences are above 0. In uint8 1 - 2 is 255, so that all are.
#
# Output seen:
#   labels    opa of the best   of the worst   ndcg of the worst
#   float32              1.00           0.00               0.461
#   int32                1.00           0.00               0.461
#   int8                 1.00           0.00               0.461
#   uint8                0.50           0.50               0.461
#   uint32               0.50           0.50               0.461
#   loss                     labels    deviation of the trained scores   opa of them
#   pairwise_logistic_loss   float32                            3.1299          1.00
#   pairwise_logistic_loss   int8                               3.1299          1.00
#   pairwise_logistic_loss   uint8                              0.0000          0.57
#   pairwise_hinge_loss      float32                            1.4958          1.00
#   pairwise_hinge_loss      int8                               1.4958          1.00
#   pairwise_hinge_loss      uint8                              0.2986          0.43
#   softmax_loss             float32                            3.0915          1.00
#   softmax_loss             int8                               3.0915          1.00
#   softmax_loss             uint8                              3.0915          1.00
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
packages=('rax==0.4.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
import rax

LABELS = np.array([0, 1, 2, 3, 4, 0])
LOSSES = (rax.pairwise_logistic_loss, rax.pairwise_hinge_loss, rax.softmax_loss)


def trained(loss, dtype):
    """The order and the deviation of scores that are trained, a number for each item."""
    step = jax.jit(lambda s: s - 0.1 * jax.grad(loss)(s, jnp.array(LABELS, dtype)))
    scores = jnp.array([0.5, -0.4, 0.3, -0.2, 0.1, 0.0])
    for _ in range(2000):
        scores = step(scores)
    return scores


print("labels    opa of the best   of the worst   ndcg of the worst")
seen, learned = {}, {}
for dtype in (jnp.float32, jnp.int32, jnp.int8, jnp.uint8, jnp.uint32):
    labels = jnp.array(LABELS, dtype)
    best, worst = jnp.array(LABELS, jnp.float32), -jnp.array(LABELS, jnp.float32)
    seen[dtype] = [float(rax.opa_metric(s, labels)) for s in (best, worst)] + [float(rax.ndcg_metric(worst, labels))]
    print("{:10}{:15.2f}{:15.2f}{:20.3f}".format(dtype.__name__, *seen[dtype]))
print("loss                     labels    deviation of the trained scores   opa of them")
for loss in LOSSES:
    for dtype in (jnp.float32, jnp.int8, jnp.uint8):
        scores = trained(loss, dtype)
        learned[loss, dtype] = (float(scores.std()), float(rax.opa_metric(scores, jnp.array(LABELS, jnp.float32))))
        print("{:25}{:10}{:31.4f}{:14.2f}".format(loss.__name__, dtype.__name__, *learned[loss, dtype]))
signed = all(row[:2] == [1.0, 0.0] for dtype, row in seen.items() if "uint" not in dtype.__name__)
unsigned = all(row[:2] == [0.5, 0.5] for dtype, row in seen.items() if "uint" in dtype.__name__)
ndcg = len({round(row[2], 5) for row in seen.values()}) == 1
flat = learned[LOSSES[0], jnp.uint8][0] < 0.01 and learned[LOSSES[1], jnp.uint8][0] < 0.3
good = all(row[1] == 1.0 and row[0] > 0.3 for (loss, dtype), row in learned.items() if dtype != jnp.uint8)
softmax = abs(learned[rax.softmax_loss, jnp.uint8][0] - learned[rax.softmax_loss, jnp.int8][0]) < 1e-3
sys.exit(0 if signed and unsigned and ndcg and flat and good and softmax else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
