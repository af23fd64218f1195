#!/usr/bin/env bash
# Without graph updates loops and branches keep every function that they were given, with its arrays.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A loop body that is defined where it is used dies with the call, and jax.clear_caches() drops what jax
#   knows of it. So it is with jax.lax.fori_loop and with the loops of NNX in their default mode.
#
#   With graph_updates=False fori_loop, while_loop, cond and switch keep the function for the life of the
#   process. _get_cached_wrapper (flax/nnx/transforms/transforms.py) keeps a wrapper for each function in a
#   WeakKeyDictionary. The wrapper holds the function, so the key cannot die. A body that closes over a
#   batch or a model keeps it: memory grows with each call, and no error tells. nnx.scan lets go.
#
# Output seen:
#   MB alive after 4 calls of a function that closes over 1 MB: default, graph_updates=False
#   fori_loop  0 4
#   while_loop 0 4
#   cond       0 4
#   switch     0 4
#   scan       0 0
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
import gc
import sys

import jax
import jax.numpy as jnp
from flax import nnx

ZERO = jnp.array(0.0)


def fori_loop(add, **options):
    nnx.fori_loop(0, 2, lambda i, total: add(total), ZERO, **options)


def while_loop(add, **options):
    nnx.while_loop(lambda c: c[0] < 2, lambda c: (c[0] + 1, add(c[1])), (0, ZERO), **options)


def cond(add, **options):
    nnx.cond(True, lambda total: add(total), lambda total: total, ZERO, **options)


def switch(add, **options):
    nnx.switch(0, [lambda total: add(total), lambda total: total], ZERO, **options)


def scan(add, **options):
    nnx.scan(lambda total: add(total), in_axes=nnx.Carry, out_axes=nnx.Carry, length=2, **options)(ZERO)


def call(transform, options):
    batch = jnp.zeros((256, 1024))
    transform(lambda total: total + batch.sum(), **options)


def megabytes(transform, **options):
    before = sum(array.nbytes for array in jax.live_arrays())
    for _ in range(4):
        call(transform, options)
    jax.clear_caches()
    gc.collect()
    return round((sum(array.nbytes for array in jax.live_arrays()) - before) / 2**20)


print("MB alive after 4 calls of a function that closes over 1 MB: default, graph_updates=False")
seen = {}
for transform in (fori_loop, while_loop, cond, switch, scan):
    seen[transform.__name__] = megabytes(transform), megabytes(transform, graph=True, graph_updates=False)
    print(f"{transform.__name__:10}", *seen[transform.__name__])
expected = dict.fromkeys(seen, (0, 4)) | {"scan": (0, 0)}
sys.exit(0 if seen == expected else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
