#!/usr/bin/env bash
# nnx.Dict answers for keys that nobody put into it, and loses its methods to those that are.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.Dict is a MutableMapping, so one expects the laws of a dict.
#
#   Its keys are its attributes (flax/nnx/helpers.py), among which are the methods of nnx.Module. So "train"
#   in nnx.Dict() is True, get("train") gives a bound method instead of the default, and setdefault("eval",
#   layer) returns a method and stores nothing. The other way round, a key hides the method: after d["keys"]
#   = layer, which the projections of an attention suggest, dict(d) and d | other call the layer. Names such
#   as "train", "eval", "update" and "values" are the usual ones for splits, metrics and projections.
#
# Output seen:
#   length of the empty one: 0
#   'train' in it: True
#   get('train', 0): train
#   setdefault('eval', 1): eval length 0
#   dict(d) with a key 'keys':     TypeError: Linear.__call__() missing 1 required positional argument: 'inputs'
#   d.values() with a key 'values': TypeError: Linear.__call__() missing 1 required positional argument: 'inputs'
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

from flax import nnx


def attempt(function):
    try:
        return function()
    except TypeError as error:
        return f"{type(error).__name__}: {error}"


empty = nnx.Dict()
print("length of the empty one:", len(empty))
print("'train' in it:", "train" in empty)
print("get('train', 0):", getattr(empty.get("train", 0), "__name__", 0))
stored = empty.setdefault("eval", 1)
print("setdefault('eval', 1):", getattr(stored, "__name__", stored), "length", len(empty))

rngs = nnx.Rngs(0)
projections = nnx.Dict({name: nnx.Linear(2, 2, rngs=rngs) for name in ("queries", "keys", "values")})
copied = attempt(lambda: dict(projections))
values = attempt(lambda: list(projections.values()))
print("dict(d) with a key 'keys':    ", copied)
print("d.values() with a key 'values':", values)
ok = "train" in empty and len(empty) == 0 and callable(stored)
sys.exit(0 if ok and str(copied).startswith("TypeError") and str(values).startswith("TypeError") else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
