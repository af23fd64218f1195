#!/usr/bin/env bash
# checkify with index checks fails on v[...] += 1, by which modules of NNX write their Variables.
#
# Date: 2026-11-30
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   checkify.index_checks, which all_checks has, adds a check to each access of an array by an index. A module
#   writes its Variables by self.count[...] += 1, as Flax's documentation does. No index can be wrong there.
#
#   nnx.checkify(step, errors=checkify.all_checks) raises "attempt to get argmin of an empty sequence" before
#   the step has done anything, for a scalar and for any other shape. An update by [...] is
#   x.at[...].set(value), a scatter without an index, and the check of a scatter (scatter_oob in
#   jax/_src/checkify.py) looks for the first index that is out of bounds among none. jax.experimental.checkify
#   alone does the same. The write is fine with nan_checks, and with a number as the index.
#
# Output seen:
#   nnx.checkify, all_checks, a scalar by [...]: ValueError
#   nnx.checkify, index_checks, a vector by [...]: ValueError
#   nnx.checkify, nan_checks, a vector by [...]: no error
#   nnx.checkify, all_checks, a vector by [0]: no error
#   jax alone, all_checks, a scalar by [...]: ValueError
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
from flax import nnx
from jax.experimental import checkify


def attempt(call):
    """The name of what is raised, or what is checked."""
    try:
        error, _ = call()
    except Exception as raised:
        return type(raised).__name__
    return error.get() or "no error"


def of_nnx(checks, value, index=...):
    def count(variable):
        variable[index] += 1

    return attempt(lambda: nnx.checkify(count, errors=getattr(checkify, checks))(nnx.Variable(value)))


scalar, vector = jnp.zeros(()), jnp.zeros(3)
alone = attempt(
    lambda: checkify.checkify(lambda x: x.at[...].set(x + 1), errors=checkify.all_checks)(scalar)
)
seen = [
    ("nnx.checkify, all_checks, a scalar by [...]", of_nnx("all_checks", scalar), "ValueError"),
    ("nnx.checkify, index_checks, a vector by [...]", of_nnx("index_checks", vector), "ValueError"),
    ("nnx.checkify, nan_checks, a vector by [...]", of_nnx("nan_checks", vector), "no error"),
    ("nnx.checkify, all_checks, a vector by [0]", of_nnx("all_checks", vector, 0), "no error"),
    ("jax alone, all_checks, a scalar by [...]", alone, "ValueError"),
]
for name, got, _ in seen:
    print(f"{name}: {got}")
sys.exit(0 if all(got == expected for _, got, expected in seen) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
