#!/usr/bin/env bash
# The gradient of ott's soft sort is mostly an error of its linear solver, and any other solver is an UnboundLocalError.
#
# Date: 2026-11-30
#
# Versions: ott-jax 0.6.0, lineax 0.1.1, equinox 0.13.8, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A soft sort is there for its gradient: its values alone are worse than those of jnp.sort. One expects that jax.grad
#   of soft_sort.sort, ranks and quantile works with the default options, as the documentation shows it.
#
#   Of six gradients of 5 and of 20 numbers most are an error, mostly an EquinoxRuntimeError: the linear solver returned
#   NaN or inf. An open pull request of ott, number 697, takes lineax out for errors of the gradient with new versions
#   of jax. The way round it is closed: ImplicitDiff has an option `solver`, and with any solver each gradient is an
#   UnboundLocalError.
#
#   The source: `solve` of ott/solvers/linear/implicit_differentiation.py sets its local `solver` in the case that
#   self.solver is None, and in no other case. The system that it solves is singular, since the potentials of a
#   transport are only known up to a constant.
#
# Output seen:
#   function   numbers   gradient
#   sort             5   EquinoxRuntimeError
#   ranks            5   EquinoxRuntimeError
#   quantile         5   finite
#   sort            20   ValueError
#   ranks           20   EquinoxRuntimeError
#   quantile        20   EquinoxRuntimeError
#   sort with a solver of one's own: UnboundLocalError UnboundLocalError
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
packages=('ott-jax==0.6.0' 'lineax==0.1.1' 'equinox==0.13.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1')
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
from ott.solvers.linear import implicit_differentiation
from ott.tools import soft_sort


def solver(operator, right, transposed=None, symmetric=False, **options):
    return jax.scipy.sparse.linalg.cg(operator, right)[0]


def kind(function, x):
    try:
        return "finite" if bool(jnp.isfinite(jax.grad(function)(x)).all()) else "not finite"
    except Exception as error:
        return type(error).__name__


functions = {
    "sort": lambda x: soft_sort.sort(x)[0],
    "ranks": lambda x: soft_sort.ranks(x)[0],
    "quantile": lambda x: soft_sort.quantile(x, q=0.5)[0],
}
seen = []
print("function   numbers   gradient")
for size in (5, 20):
    x = jax.random.normal(jax.random.key(0), (size,))
    for name, function in functions.items():
        seen.append(kind(function, x))
        print(f"{name:11}{size:7}   {seen[-1]}")
own = implicit_differentiation.ImplicitDiff(solver=solver)
refused = [kind(lambda x: soft_sort.sort(x, implicit_diff=own)[0], x[:size]) for size in (5, 20)]
print("sort with a solver of one's own:", *refused)
failed = sum(each != "finite" for each in seen)
sys.exit(0 if failed >= 4 and refused == ["UnboundLocalError"] * 2 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
