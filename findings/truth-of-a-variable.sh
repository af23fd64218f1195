#!/usr/bin/env bash
# A Variable that holds [False] is true, and one that holds False has no truth.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   An nnx.Variable stands for its array in arithmetic, comparisons and indexing, so one writes "if
#   self.done:" as for an array. jax refuses the truth of an array of several elements and gives that of its
#   single element otherwise.
#
#   Variable defines __len__ and no __bool__ (flax/nnx/variablelib.py), so Python takes its length for its
#   truth. A Variable of shape (1,) is true whatever it holds, an array of zeros is true, and both without
#   the error of jax. A scalar has no length, so its truth raises "len() of unsized object", also for a
#   Python bool. Flax relies on it: InstanceNorm writes "if self.scale".
#
# Output seen:
#   jnp.array([False])
#     itself:   False
#     Variable: True
#   jnp.array(False)
#     itself:   False
#     Variable: TypeError: len() of unsized object
#   jnp.zeros(3)
#     itself:   ValueError: The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()
#     Variable: True
#   False
#     itself:   False
#     Variable: TypeError: object of type 'bool' has no len()
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


def truth(value):
    try:
        return str(bool(value))
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


seen = []
for text, value in (
    ("jnp.array([False])", jnp.array([False])),
    ("jnp.array(False)", jnp.array(False)),
    ("jnp.zeros(3)", jnp.zeros(3)),
    ("False", False),
):
    seen.append((truth(value), truth(nnx.Variable(value))))
    print(f"{text}\n  itself:   {seen[-1][0]}\n  Variable: {seen[-1][1]}")
sys.exit(
    0
    if seen[0] == ("False", "True")
    and seen[1][0] == "False"
    and seen[1][1].startswith("TypeError: len()")
    and seen[2][0].startswith("ValueError")
    and seen[2][1] == "True"
    and seen[3][1].startswith("TypeError")
    else 1
)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
