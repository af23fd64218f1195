#!/usr/bin/env bash
# The forward derivative of eigh_tridiagonal is that of a bound on the eigenvalues, and no error says so.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   An energy level of a particle on a grid is an eigenvalue of a tridiagonal matrix, and its derivative by the
#   potential at a point is the chance to find the particle there. jax.scipy.linalg.eigh for the full matrix gives
#   that, forward and backward. jax.grad through eigh_tridiagonal raises, as through each loop of unknown length;
#   forward mode is the way there, and one expects jax.jacfwd to be right.
#
#   It gives another vector. For the lowest of four levels it is [0, 0.81, 0.19, 0] where [0.25, 0.72, 0.03, 0.00] is
#   right. It sums to 1 as it should, so a shift of the potential is right and hides the rest. In float64 it is as
#   wrong. By the entries beside the diagonal it is wrong too.
#
#   The source: `eigh_tridiagonal` in jax/_src/scipy/linalg.py bisects between two bounds, which it takes from the
#   rows that reach furthest up and down. A bisection decides by counts, which have no derivative, and what is left
#   is a mean of the derivatives of the two bounds. The function has no rule of its own.
#
# Output seen:
#   levels: [0.3133 1.9618 2.5119 3.213 ] [0.3133 1.9618 2.5119 3.213 ]
#   derivative by the diagonal:        lowest level              highest level
#   differences           0.253  0.721  0.025  0.000        0.071  0.104  0.803  0.022   sums 1.000 1.000
#   eigh, jacfwd          0.253  0.721  0.025  0.000        0.071  0.104  0.803  0.022   sums 1.000 1.000
#   eigh, jacrev          0.253  0.721  0.025  0.000        0.071  0.104  0.803  0.022   sums 1.000 1.000
#   thin, jacfwd          0.000  0.806  0.194  0.000        0.000  0.116  0.884  0.000   sums 1.000 1.000
#   thin, float64         0.000  0.806  0.194  0.000        0.000  0.116  0.884  0.000   sums 1.000 1.000
#   lowest level by the entries beside: eigh [-0.855 -0.271 -0.006] eigh_tridiagonal [-0.806 -0.613  0.194]
#   jax.jacrev: Reverse-mode differentiation does not work for lax.while_loop or l
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
import sys

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.linalg import eigh, eigh_tridiagonal

diagonal, beside = jnp.array([2.0, 1.0, 3.0, 2.0]), jnp.array([1.0, 0.5, 0.2])


def thin(diagonal, beside):
    return eigh_tridiagonal(diagonal, beside, eigvals_only=True)


def wide(diagonal, beside):
    return eigh(jnp.diag(diagonal) + jnp.diag(beside, 1) + jnp.diag(beside, -1), eigvals_only=True)


def differences(function, step=0.01):
    rows = [function(diagonal + step * row, beside) - function(diagonal - step * row, beside) for row in jnp.eye(4)]
    return np.array(rows).T / (2 * step)


print("levels:", *(np.asarray(function(diagonal, beside)).round(4) for function in (thin, wide)))
seen = {
    "differences": differences(thin),
    "eigh, jacfwd": np.asarray(jax.jacfwd(wide)(diagonal, beside)),
    "eigh, jacrev": np.asarray(jax.jacrev(wide)(diagonal, beside)),
    "thin, jacfwd": np.asarray(jax.jacfwd(thin)(diagonal, beside)),
}
with jax.enable_x64(True):
    seen["thin, float64"] = np.asarray(jax.jacfwd(thin)(*(jnp.asarray(np.float64(x)) for x in (diagonal, beside))))
print("derivative by the diagonal:        lowest level              highest level")
for name, jacobian in seen.items():
    cells = ["".join(f"{value:7.3f}" for value in jacobian[level]) for level in (0, 3)]
    print(f"{name:14} {cells[0]:>33} {cells[1]:>33}   sums {jacobian[0].sum():.3f} {jacobian[3].sum():.3f}")
sides = [np.asarray(jax.jacfwd(function, 1)(diagonal, beside))[0] for function in (wide, thin)]
print("lowest level by the entries beside: eigh", sides[0].round(3), "eigh_tridiagonal", sides[1].round(3))
try:
    jax.jacrev(thin)(diagonal, beside)
    refused = False
except ValueError as error:
    refused = True
    print("jax.jacrev:", str(error)[:66])
right = all(np.abs(seen[name] - seen["differences"]).max() < 0.01 for name in ("eigh, jacfwd", "eigh, jacrev"))
wrong = all(np.abs(seen[name] - seen["differences"])[0].max() > 0.2 for name in ("thin, jacfwd", "thin, float64"))
sums = all(abs(jacobian.sum(1) - 1).max() < 0.01 for jacobian in seen.values())
sys.exit(0 if right and wrong and sums and refused and np.abs(sides[0] - sides[1]).max() > 0.1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
