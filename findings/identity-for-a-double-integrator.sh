#!/usr/bin/env bash
# jax.scipy.linalg.funm makes the exponential of a double integrator the identity, in silence, where scipy warns.
#
# Date: 2026-12-01
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, scipy 1.18.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   funm evaluates a function of a matrix, and its docstring compares funm(A, jnp.exp) with expm(A). One expects that
#   they agree for each matrix.
#
#   Where an eigenvalue comes twice with one eigenvector, which is so for a double integrator, for an oscillator that is
#   damped critically and for a chain of two steps with one rate, the part above the diagonal of the Schur form is 0:
#   the exponential of [[0, 1], [0, 0]] is the identity, and a mass of which the speed is 1 does not move. So is each
#   other function, and in jit. Two eigenvalues that differ by 0.01% are 0.1% off in float32. scipy has the same
#   numbers, and prints "funm result may be inaccurate"; jax prints nothing, as its docstring says, and the estimate of
#   the error, 1, is to be had by disp=False alone. Use expm, logm or sqrtm where there is one, or look at the estimate.
#
#   The source: `_algorithm_11_1_1` in jax/_src/third_party/scipy/linalg.py divides by the difference of two
#   eigenvalues, and takes a numerator of 0 as it is where that difference is 0.
#
# Output seen:
#                       funm                                expm                                estimate  scipy says
#   two rates           [[0.368, 0.233], [0.0, 0.135]]      [[0.368, 0.233], [0.0, 0.135]]         1e-07  nothing
#   double integrator   [[1.0, 0.0], [0.0, 1.0]]            [[1.0, 1.0], [0.0, 1.0]]                   1  inaccurate
#   critical damping    [[0.368, 0.0], [0.0, 0.368]]        [[0.736, 0.368], [-0.368, 0.0]]            1  inaccurate
#   one rate twice      [[0.368, 0.0], [0.0, 0.368]]        [[0.368, 0.368], [0.0, 0.368]]             1  inaccurate
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'scipy==1.18.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import contextlib
import io
import sys

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
from jax.scipy.linalg import expm, funm

MATRICES = {
    "two rates": [[-1.0, 1.0], [0.0, -2.0]],
    "double integrator": [[0.0, 1.0], [0.0, 0.0]],
    "critical damping": [[0.0, 1.0], [-1.0, -2.0]],
    "one rate twice": [[-1.0, 1.0], [0.0, -1.0]],
}


def text(matrix):
    return str((np.real(np.asarray(matrix)).astype(np.float64).round(3) + 0.0).tolist())


good = True
print(f"{'':20}{'funm':36}{'expm':36}estimate  scipy says")
for name, rows in MATRICES.items():
    matrix = np.array(rows, np.float32)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        found = jax.jit(lambda matrix: funm(matrix, jnp.exp))(matrix)
        assert not printed.getvalue()
        scipy.linalg.funm(matrix.astype(np.float64), np.exp)
    right, estimate = expm(matrix), float(funm(matrix, jnp.exp, disp=False)[1])
    warned = "inaccurate" if "inaccurate" in printed.getvalue() else "nothing"
    print(f"{name:20}{text(found):36}{text(right):36}{estimate:8.1g}  {warned}")
    off = float(np.abs(np.asarray(found) - np.asarray(right)).max())
    good = good and ((off < 1e-5 and warned == "nothing") if name == "two rates" else (off > 0.3 and estimate > 0.5))
good = good and text(funm(np.array(MATRICES["double integrator"], np.float32), jnp.exp)) == "[[1.0, 0.0], [0.0, 1.0]]"
sys.exit(0 if good else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
