#!/usr/bin/env bash
# jax.jit refuses a custom_vjp that reads a captured reference and does not use what it read.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A function with a rule of its own for its gradient captures a reference (jax.new_ref), say a running mean, and
#   reads it. Where the result depends on what it read, all is well. One expects no less where it does not: where
#   an option switches the mean off, or a helper asks for the number of rows alone.
#
#   In jax.jit the call then raises "No constant handler for type: Ref", which says neither which reference it is
#   nor what to do. As it is and in jax.grad the same function is right. In jax.jit it is right without the rule.
#
# Output seen:
#                            as it is  grad  jit
#   uses what it reads       5.0       1.0   5.0
#   reads it in vain         1.0       1.0   TypeError: No constant handler for type
#   a helper counts its rows 3.0       1.0   TypeError: No constant handler for type
#   in vain, without a rule  1.0       1.0   1.0
#   in vain, and uses it     2.0       1.0   2.0
#
# Where: the reference is a constant of the function's jaxpr (jax/_src/custom_derivatives.py). One whose numbers
# are used is made an argument of the jit, for its effect; the other stays a constant, of a type for which
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
    "uses what it reads": with_rule(lambda x: x + weight[...].sum()),
    "reads it in vain": with_rule(lambda x: (weight[...], x)[1]),
    "a helper counts its rows": with_rule(lambda x: x + jax.jit(rows)(weight)),
    "in vain, without a rule": lambda x: (weight[...], x)[1],
    "in vain, and uses it": with_rule(lambda x: (weight[...], x + weight[0])[1]),
}
print(" " * 27 + "as it is  grad  jit")
seen = {}
for name, f in functions.items():
    seen[name] = told(f), told(jax.grad(f)), told(jax.jit(f))
    print(f"{name:27}{seen[name][0]:10}{seen[name][1]:6}{seen[name][2]}")
refused = "TypeError: No constant handler for type"
right = [
    ("5.0", "1.0", "5.0"),
    ("1.0", "1.0", refused),
    ("3.0", "1.0", refused),
    ("1.0", "1.0", "1.0"),
    ("2.0", "1.0", "2.0"),
]
sys.exit(0 if list(seen.values()) == right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
