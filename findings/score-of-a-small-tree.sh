#!/usr/bin/env bash
# jaxboost's auc_metric gives a tree of two leaves 0.0001 if it is always right, and 0.09 where 0.79 is right.
#
# Date: 2026-11-30
#
# Versions: jaxboost 0.5.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   The area under the ROC curve is the probability that a positive example is scored above a negative one, where
#   equal scores count half. jaxboost's auc_metric is for boosted trees. Trees give equal scores to many examples, and
#   a small one or the first rounds of a training have only few different scores.
#
#   With ties it is too small. A tree of two leaves that is right for each example has 0.0001, and one that is right
#   for 79% has 0.09. A tree of 16 leaves has 0.66 where 0.87 is right. Scores without ties get the right value. So
#   the metric rises during a training as leaves come apart, and early stopping by it compares trees by the number of
#   their leaves. sklearn's roc_auc_score is right for all.
#
#   The source: `_compute_auc` in jaxboost/metric/classification.py takes the counts at the first example of each
#   group of equal scores, and not at the last one.
#
# Output seen:
#   labels   leaves   jaxboost   sklearn
#   clean         2     0.0001    1.0000
#   clean   no tree     1.0000    1.0000
#   noisy         2     0.0898    0.7886
#   noisy         4     0.3817    0.8526
#   noisy        16     0.6603    0.8715
#   noisy   no tree     0.8720    0.8720
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
packages=('jaxboost==0.5.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scikit-learn==1.9.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from jaxboost.metric import auc_metric
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeRegressor

N = 20_000
rng = np.random.default_rng(0)
features = rng.normal(size=(N, 3))
noisy = (features[:, 0] + 0.8 * rng.normal(size=N) > 0).astype(int)
clean = (features[:, 0] > 0).astype(int)
metric = auc_metric()
seen = {}
print("labels   leaves   jaxboost   sklearn")
for name, labels, sizes in (("clean", clean, (2, None)), ("noisy", noisy, (2, 4, 16, None))):
    for leaves in sizes:
        scores = features[:, 0]
        if leaves is not None:
            tree = DecisionTreeRegressor(max_leaf_nodes=leaves, random_state=0)
            scores = tree.fit(features, labels).predict(features)
        seen[name, leaves] = row = metric(labels, scores), roc_auc_score(labels, scores)
        text = "no tree" if leaves is None else len(np.unique(scores))
        print(f"{name:6}{text:>9}{row[0]:11.4f}{row[1]:10.4f}")
right = all(abs(seen[name, None][0] - seen[name, None][1]) < 1e-9 for name in ("clean", "noisy"))
right &= seen["clean", 2][1] == 1 and seen["noisy", 2][1] > 0.75
wrong = seen["clean", 2][0] < 0.01 and seen["noisy", 2][0] < 0.15 and seen["noisy", 16][0] < seen["noisy", 16][1] - 0.1
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
