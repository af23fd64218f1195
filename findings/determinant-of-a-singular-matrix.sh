#!/usr/bin/env bash
# The gradient of jnp.linalg.det is 0 where the first two columns are equal, and right for the first and the last.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The determinant of a matrix is a polynomial, so it has a derivative everywhere: the cofactors. A singular matrix of
#   rank n - 1 has cofactors that are not 0, as a Slater determinant has where two electrons meet. jax has a rule of its
#   own for det, which was made for such matrices instead of the inverse, and which says that it handles rank n - 1.
#
#   It is right if the last column depends on the others. If the first two columns are equal, or any column but the last
#   is 0, the whole gradient is 0. diag(1, 2, 3, 0) has the derivative 6, and diag(1, 2, 0, 3) has 0. There is no NaN,
#   and nothing warns. An optimiser stands still there.
#
#   The source: `_cofactor_solve` in jax/_src/numpy/linalg.py takes it that a decomposition LU of rank n - 1 has its
#   zero in the lower right corner of U, and replaces that entry. Pivoting exchanges rows and not columns, so the zero
#   is in the first column that depends on those before it. Then the inner solve is infinite, which the function takes
#   for a rank below n - 1, whose cofactors are 0.
#
# Output seen:
#                                    largest derivative   largest by jax
#   diag(1, 2, 3, 0)                                6.00             6.00
#   diag(1, 2, 0, 3)                                6.00             0.00
#   diag(0, 2)                                      2.00             0.00
#   first two columns equal                        48.00             0.00
#   first and last columns equal                   48.00            48.00
#   no equal columns                               48.00            48.00
#   column 0 zero                                  38.00             0.00
#   column 1 zero                                  48.00             0.00
#   column 2 zero                                  33.00             0.00
#   column 3 zero                                  48.00             0.00
#   column 4 zero                                  48.00            48.00
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import itertools
import sys

import jax
import jax.numpy as jnp
import numpy as np


def cofactors(a):
    """The derivatives of the determinant, each as a determinant of float64."""
    n = len(a)
    minor = {(i, j): np.delete(np.delete(a, i, 0), j, 1) for i, j in itertools.product(range(n), range(n))}
    return np.array([[(-1.0) ** (i + j) * np.linalg.det(minor[i, j]) for j in range(n)] for i in range(n)])


base = np.random.RandomState(0).randint(-3, 4, (5, 5)).astype(float)


def with_equal_columns(i, j):
    a = base.copy()
    a[:, j] = a[:, i]
    return a


cases = {
    "diag(1, 2, 3, 0)": (np.diag([1.0, 2, 3, 0]), True),
    "diag(1, 2, 0, 3)": (np.diag([1.0, 2, 0, 3]), False),
    "diag(0, 2)": (np.diag([0.0, 2]), False),
    "first two columns equal": (with_equal_columns(0, 1), False),
    "first and last columns equal": (with_equal_columns(0, 4), True),
    "no equal columns": (base, True),
}
for j in range(5):
    a = base.copy()
    a[:, j] = 0
    cases[f"column {j} zero"] = (a, j == 4)

ok = True
print("                                 largest derivative   largest by jax")
for text, (a, right) in cases.items():
    expected = np.abs(cofactors(a)).max()
    gradient = np.asarray(jax.grad(jnp.linalg.det)(jnp.asarray(a, jnp.float32)))
    moved = np.abs(gradient).max()
    print(f"{text:30}{expected:22.2f}{moved:17.2f}")
    same = bool(np.allclose(gradient, cofactors(a), rtol=1e-3, atol=1e-3 * expected))
    ok = ok and same == right and (right or moved == 0 < expected)
sys.exit(0 if ok else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
