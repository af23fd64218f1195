#!/usr/bin/env bash
# jax.lax.top_k puts the NaN of 0/0 last and the NaN of jnp.nan first.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, x86-64, Python 3.12, CPU.
#
# Behaviour:
#   jnp.argmax, jnp.max and numpy take a NaN for the largest entry, whichever it is, and jnp.sort puts each
#   at the end. jax.lax.top_k(x, 1) is the largest entry, so one expects a NaN among the scores of a beam
#   search or of a router either to come first each time or never.
#
#   It depends on the sign bit of the NaN, which no comparison shows. top_k on CPU compares in the total
#   order of IEEE 754, in which a NaN with the sign bit is below minus infinity. The processors of x86 set it
#   in the NaN they make (0/0, inf - inf, the log of a negative number), and jnp.nan has none. So a test that
#   writes jnp.nan into the scores finds it at the top, and a program that computes one never sees it: it is
#   last, and top_k has silently skipped it. A minus sign turns the one into the other. The docstring says
#   nothing of NaN.
#
# Output seen:
#   NaN at 1          top_k(x, 1)  last of top_k(x, 4)  argmax  last of argsort  sign bit
#   written                     1                    0       1                1     False
#   0/0                         2                    1       1                1      True
#   log(-1)                     2                    1       1                1      True
#   minus written               2                    1       1                1      True
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
import numpy as np


def scores(kind):
    """Four scores, of which the one at 1 is a NaN, made where the program runs."""
    numerator = {"written": jnp.nan, "minus written": -jnp.nan}.get(kind, 0.0)
    x, zero = jnp.array([1.0, 0.0, 3.0, 2.0]), jnp.array(0.0)
    if kind == "0/0":
        return x.at[1].set(zero / zero)
    if kind == "log(-1)":
        return x.at[1].set(jnp.log(zero - 1))
    return x.at[1].set(numerator)


print("NaN at 1          top_k(x, 1)  last of top_k(x, 4)  argmax  last of argsort  sign bit")
seen = {}
for kind in ("written", "0/0", "log(-1)", "minus written"):
    x = scores(kind)
    order = jax.lax.top_k(x, 4)[1]
    sign = bool(np.signbit(np.asarray(x)[1]))
    seen[kind] = [int(order[0]), int(order[-1]), int(jnp.argmax(x)), int(jnp.argsort(x)[-1]), sign]
    print(f"{kind:18}", *(f"{value!s:>{width}}" for value, width in zip(seen[kind], (10, 20, 7, 16, 9))))
last = [2, 1, 1, 1, True]
sys.exit(0 if list(seen.values()) == [[1, 0, 1, 1, False], last, last, last] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
