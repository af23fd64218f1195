#!/usr/bin/env bash
# jaxsr's log loss of a prediction that is right with certainty is NaN, and one such example makes that of all NaN.
#
# Date: 2026-11-30
#
# Versions: jaxsr 0.3.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   The log loss of a probability of 1 for what happens is 0. compute_log_loss of jaxsr clips the probabilities by an
#   eps, "for numerical safety", as scikit-learn does, whose value is 0 for it.
#
#   With jax's numbers of 32 bits jaxsr gives NaN for a binary prediction of exactly 1 that is right, and so for each
#   batch that has one; a wrong one is inf. A sigmoid is exactly 1 in 32 bits from 17 on, so each classifier that is
#   sure has it: aic, bic and aicc of compute_all_classification_metrics are NaN, too. A prediction of exactly 0, and a
#   column for each class, are right.
#
#   The source: `compute_log_loss` in jaxsr/metrics.py clips to 1 - 1e-15, which is 1 in 32 bits, and multiplies the
#   logarithm of 0 by 1 - y, which is 0.
#
# Output seen:
#   prediction           jaxsr    two columns   scikit-learn
#   right, 0.9          0.1054         0.1054         0.1054
#   right, 1 - 1e-6     0.0000         0.0000         0.0000
#   right, exactly 0    0.0527         0.0527         0.0527
#   right, exactly 1       nan         0.0527         0.0527
#   wrong, exactly 1       inf        17.3221        18.0745
#   1,000 predictions, all right, 41 of them exactly 1:
#   log loss nan, bic nan, scikit-learn 0.0643
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
packages=('jaxsr==0.3.0' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'scikit-learn==1.9.1')
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
from jaxsr.metrics import compute_all_classification_metrics, compute_log_loss
from sklearn.metrics import log_loss

CASES = {
    "right, 0.9": ([1, 0], [0.9, 0.1]),
    "right, 1 - 1e-6": ([1, 0], [1 - 1e-6, 1e-6]),
    "right, exactly 0": ([0, 0], [0.0, 0.1]),
    "right, exactly 1": ([1, 0], [1.0, 0.1]),
    "wrong, exactly 1": ([0, 0], [1.0, 0.1]),
}
seen = {}
print("prediction           jaxsr    two columns   scikit-learn")
for name, (labels, chances) in CASES.items():
    columns = np.stack([1 - np.array(chances), chances], axis=1)
    binary = compute_log_loss(jnp.array(labels), jnp.array(chances))
    both = compute_log_loss(jnp.array(labels), jnp.array(columns))
    seen[name] = binary, both, log_loss(labels, np.array(chances), labels=[0, 1])
    print(f"{name:17}{binary:9.4f}{both:15.4f}{seen[name][2]:15.4f}")
scores = np.random.default_rng(0).normal(size=1000) * 10
labels = (scores > 0).astype(int)
chances = jax.nn.sigmoid(jnp.asarray(scores))
metrics = compute_all_classification_metrics(jnp.asarray(labels), jnp.asarray(labels), chances, n_params=2)
certain, usual = int((chances == 1).sum()), log_loss(labels, np.asarray(chances, float))
print(f"1,000 predictions, all right, {certain} of them exactly 1:")
print(f"log loss {metrics['log_loss']}, bic {metrics['bic']}, scikit-learn {usual:.4f}")
right = all(abs(seen[name][0] - seen[name][2]) < 1e-4 for name in list(CASES)[:3])
lost = np.isnan(seen["right, exactly 1"][0]) and np.isnan(metrics["log_loss"]) and np.isnan(metrics["bic"])
sys.exit(0 if right and lost and abs(seen["right, exactly 1"][1] - seen["right, exactly 1"][2]) < 1e-3 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
