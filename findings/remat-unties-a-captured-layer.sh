#!/usr/bin/env bash
# nnx.remat and nnx.cond untie weights: a captured layer that the function attaches to its argument is copied.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A decoder gets its readout at its first call: `decoder.readout = embed`, the embedding of the encoder, which the function
#   reaches by closure. One expects that the two stay one layer, as after the same line in plain Python, or an error.
#
#   nnx.jit and nnx.vmap raise "Cannot extract graph node from different trace level". nnx.remat, nnx.cond, nnx.switch and
#   nnx.grad raise nothing: the decoder has an Embed of its own afterwards, with the same numbers. A write to the one no
#   longer shows in the other. So adding nnx.remat to a function unties the weights of a model, without a word.
#
#   The source: with graph updates the objects that a function leaves in its arguments are split as it ends, and made anew
#   for the caller where they were no arguments. Where `extract.to_tree` is given prefixes, as by jit and vmap, it asks each
#   object for its trace level (`check_consistent_aliasing` in flax/nnx/extract.py); without one it takes a fast path, which
#   asks nothing.
#
# Output seen:
#   no transform  one layer
#   remat         a copy
#   cond          a copy
#   switch        a copy
#   grad          a copy
#   jit           ValueError
#   vmap          ValueError
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
from flax import nnx


class Decoder(nnx.Module):
    """It gets its readout at the first call."""


def result(call):
    """Whether the readout is the embedding, after the first call."""
    embed, decoder = nnx.Embed(3, 2, rngs=nnx.Rngs(0)), Decoder()

    def first_call(decoder):
        decoder.readout = embed
        return jnp.zeros(())

    try:
        call(first_call, decoder)
    except ValueError:
        return "ValueError"
    embed.embedding[...] += 1.0
    same = bool((decoder.readout.embedding[...] == embed.embedding[...]).all())
    assert same == (decoder.readout is embed)
    return "one layer" if same else "a copy"


calls = {
    "no transform": lambda f, m: f(m),
    "remat": lambda f, m: nnx.remat(f)(m),
    "cond": lambda f, m: nnx.cond(jnp.array(True), f, f, m),
    "switch": lambda f, m: nnx.switch(jnp.array(0), [f, f], m),
    "grad": lambda f, m: nnx.grad(f)(m),
    "jit": lambda f, m: nnx.jit(f)(m),
    "vmap": lambda f, m: nnx.vmap(f, in_axes=None, axis_size=2)(m),
}
seen = {name: result(call) for name, call in calls.items()}
for name, came in seen.items():
    print(f"{name:14}{came}")
copied = dict.fromkeys(("remat", "cond", "switch", "grad"), "a copy")
refused = dict.fromkeys(("jit", "vmap"), "ValueError")
sys.exit(0 if seen == {"no transform": "one layer"} | copied | refused else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
