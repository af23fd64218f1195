#!/usr/bin/env bash
# eigh_tridiagonal gives four equal eigenvalues if the matrix is in units of 1e-19, and NaN if it is in units of 1e20.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The levels of an electron on a grid are the eigenvalues of a tridiagonal matrix, and in SI units its entries are
#   about 1e-19 joules. float32 goes down to 1e-38, so one expects the levels, up to rounding, in each unit, as from
#   jax.scipy.linalg.eigh for the full matrix.
#
#   At 1e-18 they are right to all digits. At 1e-19 all four are the mean of the diagonal, as if the levels were not
#   coupled: no NaN, and no warning. At 1e20 they are NaN. In float64 the same happens from 1e-154 and 1e155 on.
#
#   The source: `eigh_tridiagonal` in jax/_src/scipy/linalg.py counts the eigenvalues below a point from the squares
#   of the off-diagonal entries, and pushes small pivots to a `pivmin` that is the smallest float32 times max(1, the
#   largest square). It is relative for large entries and absolute for small ones. The square of 1e-19 is of its
#   size, so that every ratio is taken from the guard and not from the matrix. Nothing scales the matrix first, as a
#   dense solver does.
#
# Output seen:
#   unit                eigh_tridiagonal                 eigh of the full matrix
#      1e+00    0.3820  1.3820  2.6180  3.6180    0.3820  1.3820  2.6180  3.6180
#      1e-10    0.3820  1.3820  2.6180  3.6180    0.3820  1.3820  2.6180  3.6180
#      1e-18    0.3820  1.3820  2.6180  3.6180    0.3820  1.3820  2.6180  3.6180
#      1e-19    2.0000  2.0000  2.0000  2.0000    0.3820  1.3820  2.6180  3.6180
#      1e-20    2.0000  2.0000  2.0000  2.0000    0.3820  1.3820  2.6180  3.6180
#      1e-30    2.0000  2.0000  2.0000  2.0000    0.3820  1.3820  2.6180  3.6180
#      1e+19    0.3820  1.3820  2.6180  3.6180    0.3820  1.3820  2.6180  3.6180
#      1e+20       nan     nan     nan     nan    0.3820  1.3820  2.6180  3.6180
#      1e+25       nan     nan     nan     nan    0.3820  1.3820  2.6180  3.6180
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

import jax.numpy as jnp
import numpy as np
from jax.scipy.linalg import eigh, eigh_tridiagonal

SCALES = (1.0, 1e-10, 1e-18, 1e-19, 1e-20, 1e-30, 1e19, 1e20, 1e25)
diagonal, beside = np.full(4, 2.0), np.full(3, -1.0)
full = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
right = np.linalg.eigvalsh(full)
seen = {}
print("unit                eigh_tridiagonal                 eigh of the full matrix")
for scale in SCALES:
    thin = eigh_tridiagonal(
        jnp.float32(scale) * jnp.float32(diagonal), jnp.float32(scale) * jnp.float32(beside), eigvals_only=True
    )
    wide = eigh(jnp.float32(scale) * jnp.float32(full), eigvals_only=True)
    seen[scale] = [np.asarray(values, np.float64) / scale for values in (thin, wide)]
    print(f"{scale:8.0e}", *("  " + " ".join(f"{value:7.4f}" for value in values) for values in seen[scale]))

dense = all(np.allclose(seen[scale][1], right, atol=1e-4) for scale in SCALES)
good = all(np.allclose(seen[scale][0], right, atol=1e-4) for scale in (1.0, 1e-10, 1e-18, 1e19))
equal = all(np.allclose(seen[scale][0], 2, atol=1e-4) for scale in (1e-19, 1e-20, 1e-30))
nan = all(np.isnan(seen[scale][0]).all() for scale in (1e20, 1e25))
sys.exit(0 if dense and good and equal and nan else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
