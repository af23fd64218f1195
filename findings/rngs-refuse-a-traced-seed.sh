#!/usr/bin/env bash
# nnx.Rngs takes a seed outside of nnx.jit, and refuses the same seed inside.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.Rngs(0) is how each example makes a model; the docstring says "pass in an integer or jax.random.key".
#   jax.random.key takes any integer: of Python, of numpy, a traced one. So one expects that a function
#   make(seed) works under nnx.jit, and that nnx.vmap of it over jnp.arange(3) makes an ensemble.
#
#   Python integers alone are taken. Under nnx.jit the argument 0 is a traced array, and is refused; so are the
#   seeds of nnx.vmap and an integer that numpy drew. The message asks for a "jax.Array of jax.dtypes.prng_key
#   sub-dtype", and says nothing of integers. An array of uint32, the dtype of seeds elsewhere, is taken for the
#   raw data of an old-style key, and fails inside of jax for its shape; two of them, a batch of two seeds, are
#   taken for one key, without an error.
#
#   RngStream.__init__ in flax/nnx/rnglib.py asks isinstance(key, int), and then whether the dtype is uint32.
#   Way out: nnx.Rngs(jax.random.key(seed)).
#
# Output seen:
#   eager, 0: made
#   nnx.jit, 0: ValueError: Invalid rng value
#   numpy integer: ValueError: Invalid rng value
#   nnx.vmap, arange(3): ValueError: Invalid rng value
#   uint32 scalar: refused
#   uint32, two seeds: one key of shape ()
#   nnx.jit, jax.random.key(seed): made
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
import numpy as np
from flax import nnx


def make(seed):
    return nnx.Linear(2, 2, rngs=nnx.Rngs(seed))


def tried(call):
    try:
        call()
        return "made"
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        return "ValueError: Invalid rng value" if text.startswith("ValueError: Invalid rng value") else "refused"


two = nnx.Rngs(jnp.arange(2, dtype=jnp.uint32)).default.key[...].shape
seen = {
    "eager, 0": tried(lambda: make(0)),
    "nnx.jit, 0": tried(lambda: nnx.jit(make)(0)),
    "numpy integer": tried(lambda: make(np.int64(0))),
    "nnx.vmap, arange(3)": tried(lambda: nnx.vmap(make)(jnp.arange(3))),
    "uint32 scalar": tried(lambda: make(jnp.uint32(0))),
    "uint32, two seeds": f"one key of shape {two}",
    "nnx.jit, jax.random.key(seed)": tried(lambda: nnx.jit(lambda seed: make(jax.random.key(seed)))(0)),
}
for name, what in seen.items():
    print(f"{name}: {what}")
refused = "ValueError: Invalid rng value"
wanted = ["made", refused, refused, refused, "refused", "one key of shape ()", "made"]
sys.exit(0 if list(seen.values()) == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
