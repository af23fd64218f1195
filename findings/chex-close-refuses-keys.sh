#!/usr/bin/env bash
# chex.assert_trees_all_close refuses every model with dropout.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, chex 0.1.92, Python 3.12, CPU.
#
# Behaviour:
#   A test of determinism compares two models, or their states, by chex.assert_trees_all_close.
#   chex.assert_trees_all_equal compares the random keys of a model, so one expects the same of its
#   neighbour with a tolerance.
#
#   It raises a TypeError, "JAX array with PRNGKey dtype cannot be converted to a NumPy array", even if both
#   sides are one object. assert_trees_all_equal has a case for keys (chex/_src/asserts.py), and
#   assert_trees_all_close and assert_tree_all_finite have none. The error is no AssertionError, and names
#   no leaf. A layer holds a key as soon as it has a dropout, so tests fail that passed before the dropout
#   was added.
#
# Output seen:
#   assert_trees_all_equal: passes
#   assert_trees_all_close: TypeError: JAX array with PRNGKey dtype cannot be converted to a NumPy array
#   assert_trees_all_close: TypeError: JAX array with PRNGKey dtype cannot be converted to a NumPy array
#   assert_tree_all_finite: TypeError: JAX array with PRNGKey dtype cannot be converted to a NumPy array
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'chex==0.1.92')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import chex
from flax import nnx

model = nnx.Sequential(nnx.Linear(2, 2, rngs=nnx.Rngs(0)), nnx.Dropout(0.5, rngs=nnx.Rngs(0)))
other = nnx.Sequential(nnx.Linear(2, 2, rngs=nnx.Rngs(0)), nnx.Dropout(0.5, rngs=nnx.Rngs(0)))


def attempt(check, *models):
    try:
        check(*models)
        result = "passes"
    except Exception as error:
        result = f"{type(error).__name__}: {str(error).split('. ')[0]}"
    print(f"{check.__name__}: {result}")
    return result


equal = attempt(chex.assert_trees_all_equal, model, other)
close = attempt(chex.assert_trees_all_close, model, other)
same = attempt(chex.assert_trees_all_close, model, model)
finite = attempt(chex.assert_tree_all_finite, model)
bad = all(result.startswith("TypeError") for result in (close, same, finite))
sys.exit(0 if equal == "passes" and bad else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
