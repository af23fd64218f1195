#!/usr/bin/env bash
# jackofalltrades has a sum of absolute errors of 0 for two wrong predictions, and a log loss below 0, one per sample.
#
# Date: 2026-11-30
#
# Versions: jackofalltrades 0.0.3, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, pandas 3.1.1, scikit-learn 1.9.1, Python
#   3.12, CPU.
#
# Behaviour:
#   soae is the sum of absolute errors. Its docstring has the formula: the sum of |y_true - y_pred|. For one prediction
#   that is 10 too high and one that is 10 too low it gives 0. The right sum is 20. mae of the same library gives 10 as
#   the mean. The method Error.SOAE has the same 0.
#
#   cross_entropy has the formula of the log loss in its docstring: minus the sum of y log(p) + (1 - y) log(1 - p). It
#   returns one number per sample instead of the sum. All of them are negative, so a training loop that makes them small
#   makes the predictions worse: a prediction of 0.01 for a true 1 has -4.6, that of 0.99 has -0.01.
#
#   The source: jackofalltrades/Errors/error.py. `soae` takes the absolute value of the sum, not the sum of the absolute
#   values. `cross_entropy` has neither the minus nor the sum.
#
# Output seen:
#   sum of absolute errors: soae 0.0, Error.SOAE 0.0, right 20.0
#   mean of absolute errors: mae 10.0, times 2 20.0
#   good predictions: cross_entropy [-0.01, -0.01, -0.01], scikit-learn's sum 0.03
#   poor predictions: cross_entropy [-4.61, -4.61, -4.61], scikit-learn's sum 13.82
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
packages=('jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'pandas==3.1.1' 'scikit-learn==1.9.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi
# without its dependencies: tensorflow and torch, which its error functions do not use
alone=('jackofalltrades==0.0.3')
if command -v uv >/dev/null; then
  uv pip install -q -p "$folder/venv/bin/python" --no-deps "${alone[@]}" || exit 2
else
  "$folder/venv/bin/pip" install -q --no-deps "${alone[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from jackofalltrades.Errors import Error, cross_entropy, mae, soae
from sklearn.metrics import log_loss

true, predicted = [100.0, 200.0], [110.0, 190.0]
own, right = float(soae(true, predicted)), float(np.abs(np.subtract(true, predicted)).sum())
print(f"sum of absolute errors: soae {own}, Error.SOAE {float(Error(true, predicted).SOAE())}, right {right}")
print(f"mean of absolute errors: mae {float(mae(true, predicted))}, times 2 {2 * float(mae(true, predicted))}")
labels = [1.0, 0.0, 1.0]
losses = {}
for name, chances in (("good", [0.99, 0.01, 0.99]), ("poor", [0.01, 0.99, 0.01])):
    loss = np.asarray(cross_entropy(labels, chances))
    expected = log_loss(labels, chances, normalize=False)
    losses[name] = (loss, expected)
    print(f"{name} predictions: cross_entropy {[round(float(v), 2) for v in loss]}, scikit-learn's sum {expected:.2f}")
opposite = all(loss.shape == (3,) and np.isclose(-loss.sum(), right, rtol=1e-4) for loss, right in losses.values())
better = losses["poor"][0].sum() < losses["good"][0].sum() < 0
sys.exit(0 if own == 0 and right == 20 and opposite and better else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
