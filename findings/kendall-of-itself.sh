#!/usr/bin/env bash
# copulax.multivariate.corr by Kendall's tau gives a column of grades and its own copy a correlation of 0.68.
#
# Date: 2026-11-30
#
# Versions: copulax 3.0.0, quadax 0.2.13, jax 0.10.2, jaxlib 0.10.2, scipy 1.18.1, numpy 2.4.6, Python 3.12, CPU.
#
# Behaviour:
#   Kendall's tau compares the order of two columns. Grades from 1 to 3 are equal for many pairs of rows. scipy and
#   others then take the tau-b, which divides by the pairs that are not equal, so that a column and its copy have a tau
#   of 1. One expects this of a correlation matrix, whose diagonal is 1 for the same reason.
#
#   corr(method="kendall") of copulax counts an equal pair as a pair without agreement: a column of grades and its copy
#   have the tau 0.68, and a column and its negative have -0.68. The diagonal of the same matrix is 1. The more ties
#   there are, the smaller is the result: 0.46 for yes or no. "pp_kendall", which is to become Pearson's correlation,
#   gives 0.88 for the copy, where Pearson's correlation is 1. The documentation does not name ties. Without ties all is
#   right.
#
#   The source: `_kendall_pair_vectorized` of copulax/_src/multivariate/_shape.py divides the sum by n * (n - 1) / 2,
#   all pairs, which is the tau-a. `kendall` sets the diagonal to 1 without computing it.
#
# Output seen:
#   column            scipy   kendall: copy, negative, diagonal   pp_kendall: copy   pearson: copy
#   no ties            1.00            1.00     -1.00      1.00              1.00            1.00
#   grades of 1 to 3   1.00            0.68     -0.68      1.00              0.88            1.00
#   yes or no          1.00            0.46     -0.46      1.00              0.66            1.00
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
packages=('copulax==3.0.0' 'quadax==0.2.13' 'jax==0.10.2' 'jaxlib==0.10.2' 'scipy==1.18.1' 'numpy==2.4.6')
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
import scipy.stats
from copulax.multivariate import corr

generator = np.random.RandomState(0)
columns = {
    "no ties": generator.rand(50),
    "grades of 1 to 3": generator.randint(1, 4, 50).astype(float),
    "yes or no": generator.randint(0, 2, 50).astype(float),
}
seen = {}
print("column            scipy   kendall: copy, negative, diagonal   pp_kendall: copy   pearson: copy")
for name, column in columns.items():
    right = scipy.stats.kendalltau(column, column)[0]
    table = jnp.array(np.stack([column, column, -column], 1))
    tau = np.asarray(corr(table, method="kendall"))
    pseudo = float(corr(table, method="pp_kendall")[0, 1])
    pearson = float(corr(table, method="pearson")[0, 1])
    seen[name] = right, tau[0, 1], tau[0, 2], tau[0, 0]
    print(f"{name:18}{right:5.2f}{tau[0, 1]:16.2f}{tau[0, 2]:10.2f}{tau[0, 0]:10.2f}{pseudo:18.2f}{pearson:16.2f}")
fine = np.allclose(seen["no ties"], (1, 1, -1, 1), atol=1e-5)
ties = all(np.allclose(seen[name][::3], 1) and seen[name][1] < 0.75 for name in list(columns)[1:])
sys.exit(0 if fine and ties else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
