#!/usr/bin/env bash
# jax.jit refuses a custom_vjp that hands a captured reference to a function which asks for its shape alone.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A function with a rule of its own for its gradient captures a reference (jax.new_ref), and hands it to a helper,
#   which is one of jax.jit or jax.checkpoint. Where the helper reads the numbers, all is well. One expects no less
#   where it asks for less: for the number of rows, say.
#
#   In jax.jit the second raises "No constant handler for type: Ref", which says neither which reference it is nor
#   what to do. As it is and in jax.grad the same function is right. In jax.jit it is right without the rule, and
#   where anything else in the function reads the reference.
#
# Output seen:
#                            as it is  grad  jit
#   reads it                 5.0       1.0   5.0
#   counts its rows          3.0       1.0   TypeError: No constant handler for type
#   ... in a checkpoint      3.0       1.0   TypeError: No constant handler for type
#   ... without the rule     3.0       1.0   3.0
#   ... and reads it besides 4.0       1.0   4.0
#
# Where: the reference is a constant of the function's jaxpr (jax/_src/custom_derivatives.py). One that is read is
# made an argument of the jit, for its effect; the other stays a constant, of a type for which
# jax/_src/interpreters/mlir.py has no handler.
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1')
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

weight = jax.new_ref(jnp.array([1.0, 3.0]))


def total(held):
    return held[...].sum()


def rows(held):
    return 1.0 * held.shape[0]


def with_rule(f):
    """The function, with its gradient by a rule: 1 for each input."""
    ruled = jax.custom_vjp(f)
    ruled.defvjp(lambda x: (ruled(x), None), lambda kept, gradient: (gradient,))
    return ruled


def told(f):
    try:
        return str(f(1.0))
    except TypeError as error:
        return f"TypeError: {str(error).split(':')[0]}"


functions = {
    "reads it": with_rule(lambda x: x + jax.jit(total)(weight)),
    "counts its rows": with_rule(lambda x: x + jax.jit(rows)(weight)),
    "... in a checkpoint": with_rule(lambda x: x + jax.checkpoint(rows)(weight)),
    "... without the rule": lambda x: x + jax.jit(rows)(weight),
    "... and reads it besides": with_rule(lambda x: x + jax.jit(rows)(weight) + weight[0]),
}
print(" " * 27 + "as it is  grad  jit")
seen = {}
for name, f in functions.items():
    seen[name] = told(f), told(jax.grad(f)), told(jax.jit(f))
    print(f"{name:27}{seen[name][0]:10}{seen[name][1]:6}{seen[name][2]}")
refused = ("3.0", "1.0", "TypeError: No constant handler for type")
right = [("5.0", "1.0", "5.0"), refused, refused, ("3.0", "1.0", "3.0"), ("4.0", "1.0", "4.0")]
sys.exit(0 if list(seen.values()) == right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
