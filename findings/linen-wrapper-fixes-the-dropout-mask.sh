#!/usr/bin/env bash
# nnx.bridge.ToLinen drops the same units in all steps if no key is given, where Linen refuses.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A Linen model with dropout that is applied without rngs raises InvalidRngError, which has taught every
#   user of Linen to pass a key for dropout. ToLinen makes a Linen module of an NNX class, so one expects
#   the same error.
#
#   It runs, with the seed 0: linen_rngs_dict (flax/nnx/bridge/wrappers.py) adds the stream default=0 in
#   each apply, and nnx.Dropout takes it when there is no stream dropout. The module is made anew in each
#   call, so the counters start at 0 as well, and each step of training drops the very same units. With a
#   rate of 0.5 one half of the units is never trained. With a key for dropout the masks differ. A misspelt
#   name of the stream has the same effect.
#
# Output seen:
#   Linen, no keys          InvalidRngError
#   ToLinen, no keys        different masks in 10 steps: 1
#   ToLinen, key 'droput'   different masks in 10 steps: 1
#   ToLinen, key 'dropout'  different masks in 10 steps: 10
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

import jax
import jax.numpy as jnp
from flax import linen, nnx

x = jnp.ones((1, 64))
keys = {"params": jax.random.key(0), "dropout": jax.random.key(1)}


def masks(model, make_rngs):
    variables = model.init(keys, x)
    return {tuple((model.apply(variables, x, rngs=make_rngs(i)) == 0)[0].tolist()) for i in range(10)}


wrapped = nnx.bridge.to_linen(nnx.Dropout, 0.5)
plain = linen.Dropout(0.5, deterministic=False)
seen = {}
for text, model, make_rngs in (
    ("Linen, no keys", plain, lambda i: {}),
    ("ToLinen, no keys", wrapped, lambda i: {}),
    ("ToLinen, key 'droput'", wrapped, lambda i: {"droput": jax.random.key(i)}),
    ("ToLinen, key 'dropout'", wrapped, lambda i: {"dropout": jax.random.key(i)}),
):
    try:
        seen[text] = len(masks(model, make_rngs))
        print(f"{text:23} different masks in 10 steps: {seen[text]}")
    except Exception as error:
        seen[text] = type(error).__name__
        print(f"{text:23} {seen[text]}")
sys.exit(0 if list(seen.values()) == ["InvalidRngError", 1, 1, 10] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
