#!/usr/bin/env bash
# jaxfolio's Ledoit-Wolf covariance of two assets alike shrinks by 0.67, where the formula of its paper has 0.94.
#
# Date: 2026-11-30
#
# Versions: jaxfolio 0.1.1, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, optax 0.2.8,
#   matplotlib 3.11.2, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   jaxfolio.ledoit_wolf_covariance shrinks a covariance towards a multiple of the identity, and names the paper of
#   2004. There the strength is the estimated variance of all entries of the sample covariance over its squared distance
#   from the target.
#
#   jaxfolio leaves the variance of the diagonal out, which is two thirds of it for two assets alike, and nearly all of
#   it where one asset is much more volatile than the others. Two assets alike are shrunk by 0.67, where 0.94 is right,
#   and five by 0.73, where 0.92 is right; the error of their covariance is half as large again, or twice as large. With
#   one asset of five times the risk the strength is 0.008, not 0.049. scikit-learn's ledoit_wolf is equal to the
#   formula.
#
#   The source: `ledoit_wolf_covariance` in jaxfolio/moments/estimators.py subtracts the sum of the diagonal as a
#   covariance with the target. That term belongs to the other paper, of 2003, whose target keeps the sample variances.
#
# Output seen:
#   assets                           shrinkage: jaxfolio   scikit-learn    paper    squared error of covariance
#   2 alike                                         0.666          0.939    0.939           0.059        0.040
#   5 alike                                         0.730          0.915    0.915           0.100        0.048
#   20 alike                                        0.880          0.949    0.949           0.191        0.085
#   4 and one of 5 times the risk                   0.008          0.049    0.049          21.242       21.451
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
  'jaxfolio==0.1.1' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1' 'optax==0.2.8'
  'matplotlib==3.11.2' 'scikit-learn==1.9.1'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from jaxfolio.moments.estimators import ledoit_wolf_covariance
from sklearn.covariance import ledoit_wolf

DAYS, TRIALS = 60, 200


def formula(data):
    """Lemma 3.2 to 3.4 of the paper, in loops."""
    centred = data - data.mean(0)
    sample = centred.T @ centred / len(data)
    target = np.trace(sample) / len(sample) * np.eye(len(sample))
    distance = ((sample - target) ** 2).sum()
    noise = sum(((np.outer(row, row) - sample) ** 2).sum() for row in centred) / len(data) ** 2
    return min(noise, distance) / distance


rng = np.random.default_rng(0)
CASES = {
    "2 alike": np.ones(2),
    "5 alike": np.ones(5),
    "20 alike": np.ones(20),
    "4 and one of 5 times the risk": np.r_[np.ones(4), 5],
}
seen = {}
print("assets                           shrinkage: jaxfolio   scikit-learn    paper    squared error of covariance")
for name, scale in CASES.items():
    truth, rows, errors = np.diag(scale**2), [], []
    for _ in range(TRIALS):
        data = rng.normal(size=(DAYS, len(scale))) * scale
        ours, ratio = ledoit_wolf_covariance(jnp.asarray(data))
        other, right = ledoit_wolf(data)
        rows.append((ratio, right, formula(data)))
        errors.append([((np.asarray(matrix) - truth) ** 2).sum() for matrix in (ours, other)])
    seen[name] = (*np.mean(rows, 0), *np.mean(errors, 0))
    row = seen[name]
    print(f"{name:30}{row[0]:23.3f}{row[1]:15.3f}{row[2]:9.3f}{row[3]:16.3f} {row[4]:12.3f}")
same = all(abs(row[1] - row[2]) < 1e-9 for row in seen.values())
low = all(row[0] < row[1] - 0.03 for row in seen.values())
worse = all(row[3] > 1.3 * row[4] for row in list(seen.values())[:3])
pair = seen["2 alike"][0] < 0.75 and seen["2 alike"][1] > 0.9
sys.exit(0 if same and low and worse and pair and seen["4 and one of 5 times the risk"][0] < 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
