#!/usr/bin/env bash
# contrax.zeros of (s - 1) / (s + 1)**3 is -1.67 where 1 is right, and of (s + 3) / ((s + 1)(s + 2)) it is none.
#
# Date: 2026-11-30
#
# Versions: contrax 0.1.0, jax 0.12.0.1, jaxlib 0.12.0.1, scipy 1.18.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The zeros of a plant are the values at which its transfer function is 0. A zero in the right half of the plane
#   bounds how fast any controller can be. The docstring of contrax.zeros promises the transmission zeros of systems
#   with one or more inputs, with the feedthrough D = 0 named as the most common case. They do not depend on the
#   coordinates of the state.
#
#   With D = 0 the plant with the zero 1 has the zero -1.67 in contrax, which looks harmless, and -1.32 in other
#   coordinates. The transfer function, by contrax.evalfr, is 9 there. Plants with as many zeros as they can have get an
#   empty array. With an invertible D all is right. A plant without zeros gets none, which is right. No error or warning
#   tells.
#
#   The source: `_zeros_d0` of contrax/analysis.py finds the subspace in which the output stays 0, and takes the
#   eigenvalues of A projected to it. A alone leads out of this subspace. The input that keeps the state in it is left
#   out, although the docstring of the subspace is that of a controlled one. Where the subspace and the input span the
#   whole space, the rank of a matrix of rounding errors is taken relative to these, so that nothing is left.
#
# Output seen:
#   transfer function                 zeros     by scipy   by contrax   in other coordinates   |G| there, at the zeros
#   (s - 1) / (s + 1)**3                 1.00         1.00        -1.67                  -1.32        9.00, 0.00
#   (s + 4) / (s + 1)**3                -4.00        -4.00        -2.42                  -2.11        0.56, 0.00
#   (s + 3) / ((s + 1)(s + 2))          -3.00        -3.00         none                   none           -, 0.00
#   (s + 2)(s + 3) / (s + 1)**3  -3.00, -2.00 -3.00, -2.00         none                   none           -, 0.00
#   1 + 1 / (s + 1)                     -2.00        -2.00        -2.00                  -2.00        0.00, 0.00
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
  'contrax==0.1.0'
  'diffrax==0.7.2'
  'equinox==0.13.8'
  'lineax==0.1.1'
  'optimistix==0.1.0'
  'jax==0.12.0.1'
  'jaxlib==0.12.0.1'
  'scipy==1.18.1'
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

import jax

jax.config.update("jax_enable_x64", True)
import contrax
import numpy as np
import scipy.linalg
import scipy.signal

turn = np.array([[1.0, 0.5, -0.3], [0.2, 1.1, 0.4], [-0.6, 0.1, 0.9]])
CASES = {
    "(s - 1) / (s + 1)**3": ([1, -1], [1, 3, 3, 1]),
    "(s + 4) / (s + 1)**3": ([1, 4], [1, 3, 3, 1]),
    "(s + 3) / ((s + 1)(s + 2))": ([1, 3], [1, 3, 2]),
    "(s + 2)(s + 3) / (s + 1)**3": ([1, 5, 6], [1, 3, 3, 1]),
    "1 + 1 / (s + 1)": ([1, 2], [1, 1]),
}


def text(values):
    return ", ".join(f"{value.real:.2f}" for value in np.sort_complex(np.atleast_1d(values))) or "none"


def by_pencil(A, B, C, D):
    """The finite generalized eigenvalues of the system matrix."""
    n, m = B.shape
    left = np.block([[A, B], [C, D]])
    right = np.zeros_like(left)
    right[:n, :n] = np.eye(n)
    values = scipy.linalg.eigvals(left, right)
    return values[np.abs(values) < 1e4]


seen = {}
titles = "zeros     by scipy   by contrax   in other coordinates   |G| there, at the zeros"
print(f"{'transfer function':34}{titles}")
for name, (numerator, denominator) in CASES.items():
    A, B, C, D = scipy.signal.tf2ss(numerator, denominator)
    plant = contrax.ss(A, B, C, D)
    T = turn[: len(A), : len(A)]
    moved = contrax.ss(T @ A @ np.linalg.inv(T), T @ B, C @ np.linalg.inv(T), D)
    right, pencil = np.roots(numerator), by_pencil(A, B, C, D)
    found, other = np.asarray(contrax.zeros(plant)), np.asarray(contrax.zeros(moved))
    there = [float(abs(contrax.evalfr(plant, value)[0, 0])) for value in found]
    gain = max(float(abs(contrax.evalfr(plant, value)[0, 0])) for value in right)
    seen[name] = right, pencil, found, other, gain, there
    size = ", ".join(f"{value:.2f}" for value in there) or "-"
    print(f"{name:28}{text(right):>13}{text(pencil):>13}{text(found):>13}{text(other):>23}{size:>12},{gain:5.2f}")
rows = list(seen.values())
right = all(np.allclose(np.sort(row[0]), np.sort(row[1]), atol=1e-4) and row[4] < 1e-9 for row in rows)
right &= np.allclose(rows[4][2], -2)
wrong = abs(rows[0][2][0] + 5 / 3) < 1e-6 and rows[0][5][0] > 1 and rows[1][5][0] > 0.1 and len(rows[2][2]) == 0
sys.exit(0 if right and wrong and abs(rows[0][2][0] - rows[0][3][0]) > 0.1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
