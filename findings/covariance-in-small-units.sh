#!/usr/bin/env bash
# jnp.linalg.slogdet of 2 variables is -inf in units of 1e-10, and inf with the sign -1 in 1e10; of 3 it is right.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   slogdet is there because a determinant over- or underflows and its logarithm does not. One expects the logarithm
#   of any covariance whose entries are float32 numbers, with the sign 1. The matrix here is a plain one, [[2, 0.5],
#   [0.5, 1]].
#
#   For 2 variables that are measured in units of 1e-10 the sign is 0 and the logarithm -inf: the matrix is called
#   singular. In units of 1e10 a positive definite matrix gets the sign -1 and the logarithm inf. The gradient, the
#   inverse of the matrix, is infinite there, or 0. The same two variables with a third one, or with method="qr", are
#   right, and so is numpy in float32.
#
#   The source: `slogdet` in jax/_src/numpy/linalg.py sends matrices of 1 and 2 rows to `_slogdet_small`, which takes
#   the logarithm of a * d - b * c, and its derivative divides by that. From 3 rows on `_slogdet_lu` adds logarithms
#   of the diagonal.
#
# Output seen:
#     unit  2 variables     gradient   by qr             3 variables       numpy, 2          exact, 2
#    1e-12  (0, -inf)            inf   (1, -109.96)      (1, -165.23)      (1, -109.96)      -109.96
#    1e-10  (0, -inf)            inf   (1, -91.54)       (1, -137.60)      (1, -91.54)       -91.54
#    1e+00  (1, 0.56)           0.57   (1, 0.56)         (1, 0.56)         (1, 0.56)         0.56
#    1e+09  (1, 83.45)       5.7e-19   (1, 83.45)        (1, 124.90)       (1, 83.45)        83.45
#    1e+10  (-1, inf)              0   (1, 92.66)        (1, 138.71)       (1, 92.66)        92.66
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

UNITS = (1e-12, 1e-10, 1.0, 1e9, 1e10)
two = np.array([[2, 0.5], [0.5, 1]])
three = np.eye(3)
three[:2, :2] = two
seen = {}
print("  unit  2 variables     gradient   by qr             3 variables       numpy, 2          exact, 2")
for unit in UNITS:
    small, large = (np.float32(matrix * unit**2) for matrix in (two, three))
    row = [
        tuple(map(float, jnp.linalg.slogdet(jnp.asarray(small)))),
        float(jax.grad(lambda matrix: jnp.linalg.slogdet(matrix)[1])(jnp.asarray(small))[0, 0]),
        tuple(map(float, jnp.linalg.slogdet(jnp.asarray(small), method="qr"))),
        tuple(map(float, jnp.linalg.slogdet(jnp.asarray(large)))),
        tuple(map(float, np.linalg.slogdet(small))),
    ]
    exact = float(np.linalg.slogdet(two * unit**2)[1])
    seen[unit] = row, exact
    pair = "({0[0]:.0f}, {0[1]:.2f})".format
    texts = [f"{pair(row[i]):17}" for i in (2, 3, 4)]
    print(f"{unit:6.0e}  {pair(row[0]):14} {row[1]:9.2g}  ", *texts, f"{exact:.2f}")

others = True
for unit, (row, exact) in seen.items():
    for (sign, value), right in ((row[2], exact), (row[3], exact + 2 * np.log(unit)), (row[4], exact)):
        others = others and sign == 1 and abs(value - right) < 0.01
middle = all(abs(seen[unit][0][0][1] - seen[unit][1]) < 0.01 for unit in (1.0, 1e9))
low = all(seen[unit][0][0] == (0, -np.inf) and np.isinf(seen[unit][0][1]) for unit in UNITS[:2])
high = seen[1e10][0][0] == (-1, np.inf) and seen[1e10][0][1] == 0
sys.exit(0 if others and middle and low and high else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
