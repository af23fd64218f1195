#!/usr/bin/env bash
# calibrax's matthews_corrcoef of 100,000 examples that are all right is -0.72, and of a million it is 0.004, not 1.
#
# Date: 2026-11-30
#
# Versions: calibrax 0.1.14, jax 0.11.1, jaxlib 0.11.1, scikit-learn 1.9.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The correlation coefficient of Matthews is 1 if all labels are right, and 0 for a guess. The docstring ranks it
#   above all other single scores of a binary classifier. It does not depend on the number of examples.
#
#   It is wrong for an evaluation of 100,000 examples or more, half of which are positive. If all are right, it is -0.72
#   for 100,000, 0.14 for 200,000 and 0.004 for a million. If one in a hundred is positive, it is wrong for a million:
#   -0.02 for 90% of the labels, where 0.256 is right. No warning tells. accuracy and f1_score of the same labels are 1.
#   A small test set gives the right value.
#
#   The source: `matthews_corrcoef` of calibrax/metrics/functional/classification.py multiplies the counts of right
#   labels of both classes as int32, which wraps beyond 2,147,483,647. It converts the four factors of the denominator
#   to float32 before it multiplies them, but not those of the numerator.
#
# Output seen:
#                                    half of the labels are 1        one in a hundred is 1
#   examples   all labels right:     accuracy    F1     MCC     MCC of 90% right, and of sklearn
#        10000                            1.000   1.000   1.000                0.256     0.256
#        80000                            1.000   1.000   1.000                0.256     0.256
#       100000                            1.000   1.000  -0.718                0.256     0.256
#       200000                            1.000   1.000   0.141                0.256     0.256
#      1000000                            1.000   1.000   0.004               -0.022     0.256
#     10000000                            1.000   1.000  -0.000                0.001     0.256
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

import numpy as np
from calibrax.metrics.functional.classification import accuracy, f1_score, matthews_corrcoef
from sklearn.metrics import matthews_corrcoef as reference

seen = {}
print("                                 half of the labels are 1        one in a hundred is 1")
print("examples   all labels right:     accuracy    F1     MCC     MCC of 90% right, and of sklearn")
for examples in (10_000, 80_000, 100_000, 200_000, 1_000_000, 10_000_000):
    labels = np.arange(examples) % 2
    rare = (np.arange(examples) % 100 == 0).astype(int)
    guess = np.where(np.arange(examples) // 100 % 10 == 0, 1 - rare, rare)
    row = [float(function(labels, labels)) for function in (accuracy, f1_score, matthews_corrcoef)]
    row += [float(matthews_corrcoef(guess, rare)), float(reference(rare, guess))]
    seen[examples] = row
    print(f"{examples:10}{row[0]:33.3f}{row[1]:8.3f}{row[2]:8.3f}{row[3]:21.3f}{row[4]:10.3f}")
right = all(abs(row[0] - 1) + abs(row[1] - 1) < 1e-5 for row in seen.values())
right &= all(abs(seen[n][2] - 1) + abs(seen[n][3] - seen[n][4]) < 1e-3 for n in (10_000, 80_000))
wrong = abs(seen[100_000][2] + 0.718) < 1e-3 and abs(seen[200_000][2] - 0.141) < 1e-3
wrong &= abs(seen[1_000_000][2]) < 0.01 and abs(seen[1_000_000][3] + 0.022) < 1e-3
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
