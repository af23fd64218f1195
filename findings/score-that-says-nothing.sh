#!/usr/bin/env bash
# calibrax's roc_auc of one score for all examples is 1 or 0, by the order of the examples, where 0.5 is right.
#
# Date: 2026-11-30
#
# Versions: calibrax 0.1.14, jax 0.11.1, jaxlib 0.11.1, scikit-learn 1.9.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The area under the ROC curve is the probability that a positive example has a higher score than a negative one,
#   where equal scores count one half. The docstring of calibrax says that 0.5 is random. It depends on the scores
#   alone, and not on the order in which the examples come. sklearn keeps this for roc_auc_score and for
#   average_precision_score.
#
#   A model that gives each example the same score has a roc_auc of 1 in a file with the positives first, and of 0 in a
#   file with the negatives first. average_precision is 1 and 0.31 there. A decision tree, a model in int8 or bfloat16,
#   or grades from 1 to 4 have equal scores too: of four grades it is 0.76 or 0.52, where 0.64 is right. Data sets are
#   often sorted by their label. Shuffled, all looks right. Without ties all is right.
#
#   The source: `roc_auc` and `average_precision` of calibrax/metrics/functional/classification.py make a point of the
#   curve of each example, in the order of a stable sort, and not of each group of equal scores.
#
# Output seen:
#   metric             score               positives first         shuffled  negatives first      sklearn
#   ROC AUC            the same for all              1.000            0.499            0.000        0.500
#   ROC AUC            yes or no                     0.842            0.604            0.362        0.602
#   ROC AUC            four grades                   0.757            0.639            0.520        0.638
#   ROC AUC            no ties                       0.656            0.656            0.656        0.656
#   average precision  the same for all              1.000            0.499            0.307        0.500
#   average precision  yes or no                     0.862            0.580            0.415        0.562
#   average precision  four grades                   0.779            0.624            0.507        0.606
#   average precision  no ties                       0.655            0.655            0.655        0.655
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
  'calibrax==0.1.14'
  'substrax==0.1.22'
  'flax==0.12.12'
  'jax==0.11.1'
  'jaxlib==0.11.1'
  'scikit-learn==1.9.1'
  'numpy==2.5.5'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from calibrax.metrics.functional.classification import average_precision, roc_auc
from sklearn.metrics import average_precision_score, roc_auc_score

generator = np.random.default_rng(0)
labels = np.repeat([1, 0], 500)
score = generator.normal(size=1000) + 0.5 * labels
ORDERS = {
    "positives first": np.arange(1000),
    "shuffled": generator.permutation(1000),
    "negatives first": np.arange(1000)[::-1],
}
CASES = {
    "the same for all": np.full(1000, 0.5),
    "yes or no": (score > 0.25).astype(float),
    "four grades": np.digitize(score, [-0.5, 0.25, 1.0]).astype(float),
    "no ties": score,
}
METRICS = {
    "ROC AUC": (roc_auc, lambda s, t: roc_auc_score(t, s)),
    "average precision": (average_precision, lambda s, t: average_precision_score(t, s)),
}
seen = {}
print("metric             score             " + "".join(f"{name:>17}" for name in ORDERS) + "      sklearn")
for metric, (function, reference) in METRICS.items():
    for case, values in CASES.items():
        found = [float(function(jnp.array(values[order]), jnp.array(labels[order]))) for order in ORDERS.values()]
        right = float(reference(values, labels))
        seen[metric, case] = found, right
        print(f"{metric:19}{case:18}" + "".join(f"{each:17.3f}" for each in found) + f"{right:13.3f}")
moved = [np.ptp(found) for (metric, case), (found, _) in seen.items() if case != "no ties"]
constant = np.allclose(seen["ROC AUC", "the same for all"][0][::2], (1, 0), atol=1e-4)
fine = all(np.allclose(*seen[metric, "no ties"], atol=1e-4) for metric in METRICS)
sys.exit(0 if fine and constant and min(moved) > 0.1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
