#!/usr/bin/env bash
# A checked function returns something that is no array: it has no shape, and no `.at`.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A function returns a constant beside what it computes: a number that it makes an array of, or zeros. It is checked
#   with jax.experimental.checkify, or its constants are hoisted with jax.closure_convert, as solvers of differential
#   equations do. Both promise the function's results; without them the results are arrays, each with a shape, a dtype,
#   `.at` and `.block_until_ready`.
#
#   The constants come back as classes of jax's own: TypedFloat and TypedInt, which are numbers of Python with a dtype and
#   without a shape, and TypedNdArray, which has a shape and no `.at`. isinstance(x, jax.Array) is False. What depends on
#   an argument is an array, so it is the value of the constant that decides. A jit around it makes arrays of all.
#
#   The source: jax keeps a scalar constant in a jaxpr as a literal (`jax/_src/literals.py`), and both evaluate the jaxpr
#   and hand the literal out.
#
# Output seen:
#   called           x * x         Array
#   called           asarray(0.5)  Array
#   called           asarray(3)    Array
#   called           zeros(())     Array
#   checkify         asarray(0.5)  TypedFloat without shape, at, block_until_ready
#   checkify         asarray(3)    TypedInt without shape, at, block_until_ready
#   checkify         x * x         Array
#   checkify         zeros(())     TypedNdArray without at, block_until_ready
#   closure_convert  asarray(0.5)  TypedFloat without shape, at, block_until_ready
#   closure_convert  asarray(3)    TypedInt without shape, at, block_until_ready
#   closure_convert  x * x         Array
#   closure_convert  zeros(())     TypedNdArray without at, block_until_ready
#   jit of checkify  asarray(0.5)  Array
#   jit of checkify  asarray(3)    Array
#   jit of checkify  x * x         Array
#   jit of checkify  zeros(())     Array
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
from jax.experimental import checkify

X = jnp.float32(2.0)


def results(x):
    return {"x * x": x * x, "asarray(0.5)": jnp.asarray(0.5), "asarray(3)": jnp.asarray(3), "zeros(())": jnp.zeros(())}


def checked(x):
    error, out = checkify.checkify(results)(x)
    error.throw()
    return out


def converted(x):
    function, hoisted = jax.closure_convert(results, x)
    return function(x, *hoisted)


def told(x):
    lacks = [name for name in ("shape", "dtype", "at", "block_until_ready") if not hasattr(x, name)]
    kind = "Array" if isinstance(x, jax.Array) else type(x).__name__
    return f"{kind}" + (f" without {', '.join(lacks)}" if lacks else "")


WAYS = {"called": results, "checkify": checked, "closure_convert": converted}
WAYS["jit of checkify"] = jax.jit(lambda x: checkify.checkify(results)(x)[1])

seen = {}
for way, function in WAYS.items():
    seen[way] = {name: told(value) for name, value in function(X).items()}
    for name, text in seen[way].items():
        print(f"{way:17}{name:14}{text}")

arrays = dict.fromkeys(("x * x", "asarray(0.5)", "asarray(3)", "zeros(())"), "Array")
literals = {
    "x * x": "Array",
    "asarray(0.5)": "TypedFloat without shape, at, block_until_ready",
    "asarray(3)": "TypedInt without shape, at, block_until_ready",
    "zeros(())": "TypedNdArray without at, block_until_ready",
}
wanted = {"called": arrays, "checkify": literals, "closure_convert": literals, "jit of checkify": arrays}
sys.exit(0 if seen == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
