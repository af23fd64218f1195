#!/usr/bin/env bash
# jax.scipy.sparse.linalg.gmres answers 0 for a right-hand side below 1e-7, and cg for one below 1e-19 or above 1e19.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The docstrings of gmres, cg and bicgstab state the tolerance as norm(residual) <= max(tol * norm(b), atol), with
#   tol = 1e-5 and atol = 0: it is relative, so that the answer does not depend on the unit. A load in newtons or a
#   charge in coulombs is often 1e-9 or 1e-19, and float32 reaches to 1e-38.
#
#   A right-hand side of a norm below 1.2e-7 gives x = 0 from gmres, with either of its methods, whatever its matrix,
#   and its info is 0. From a warm start x0 it gives x0 back, if the residual is that small, whatever the tolerance.
#   The gradient by b is that of the true answer all the while, because its own system is of size 1. cg and bicgstab
#   give 0 below 1e-19 and above 1e19. The same systems are solved by jnp.linalg.solve.
#
#   The source: in jax/_src/scipy/sparse/linalg.py `_safe_normalize` takes a vector of a norm below the rounding error
#   of its type for the zero vector, and gmres normalizes its residual, M(b - A x0), by it. The bound is no ratio.
#   `_cg_solve` and `_bicgstab_solve` compare squared norms, which are 0 or inf beyond 1e-19 and 1e19, and 0 <= 0, or
#   inf <= inf, is taken for convergence.
#
# Output seen:
#   the first component of the answer, which is 1, in units of
#                      1e-24   1e-18   1e-12   1e-09   1e-06   1e+00   1e+06   1e+12   1e+18   1e+20
#   gmres              0.000   0.000   0.000   0.000   1.000   1.000   1.000   1.000   1.000   0.000
#   incremental        0.000   0.000   0.000   0.000   1.000   1.000   1.000   1.000   1.000   0.000
#   cg                 0.000   1.000   1.000   1.000   1.000   1.000   1.000   1.000   1.000   0.000
#   bicgstab           0.000   0.986   1.000   1.000   1.000   1.000   1.000   1.000   1.000   0.000
#   linalg.solve       1.000   1.000   1.000   1.000   1.000   1.000   1.000   1.000   1.000   1.000
#   info of gmres in units of 1e-9: 0.0 and from x0 = [0.5, 1] it gives [0.5, 1.0]
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
from jax.scipy.sparse.linalg import bicgstab, cg, gmres

A = jnp.array([[2.0, 0.5], [0.5, 1.0]])
B = jnp.array([2.5, 1.5])
SOLVERS = {
    "gmres": gmres,
    "incremental": lambda matrix, b: gmres(matrix, b, solve_method="incremental"),
    "cg": cg,
    "bicgstab": bicgstab,
    "linalg.solve": lambda matrix, b: (jnp.linalg.solve(matrix, b), None),
}
UNITS = 1e-24, 1e-18, 1e-12, 1e-9, 1e-6, 1.0, 1e6, 1e12, 1e18, 1e20
seen = {}
print("the first component of the answer, which is 1, in units of")
print("                " + "".join(f"{unit:8.0e}" for unit in UNITS))
for name, solver in SOLVERS.items():
    row = [float(np.asarray(solver(A, B * unit)[0], float)[0] / unit) for unit in UNITS]
    seen[name] = dict(zip(UNITS, row, strict=True))
    print(f"{name:16}" + "".join(f"{x:8.3f}" for x in row))

info = gmres(A, B * 1e-9)[1]
start = jnp.array([0.5, 1.0]) * 1e-9
warm = np.asarray(gmres(A, B * 1e-9, x0=start)[0]) / np.float32(1e-9)
print("info of gmres in units of 1e-9:", float(info), "and from x0 = [0.5, 1] it gives", warm.round(3).tolist())


def right(name, units):
    return all(abs(seen[name][unit] - 1) < 1e-3 for unit in units)


def zero(name, units):
    return all(seen[name][unit] == 0 for unit in units)


small, middle = (1e-24, 1e-18, 1e-12, 1e-9), (1e-6, 1.0, 1e6, 1e12)
methods = all(zero(name, small) and right(name, middle) for name in ("gmres", "incremental"))
others = all(zero(name, (1e-24, 1e20)) and right(name, (1e-12, *middle)) for name in ("cg", "bicgstab"))
good = right("linalg.solve", UNITS) and np.allclose(warm, [0.5, 1.0]) and info == 0
sys.exit(0 if methods and others and good else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
