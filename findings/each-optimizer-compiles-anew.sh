#!/usr/bin/env bash
# Each new nnx.Optimizer compiles the train step anew, and the old transformations stay alive.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   A sweep or a test suite builds the same model and nnx.Optimizer(model, optax.adam(1e-3)) again and
#   again, and calls one jitted train step. Shapes, classes and learning rates are equal, so one expects one
#   compilation.
#
#   It compiles once for each optimizer. The transformation is static metadata of the Optimizer
#   (flax/nnx/training/optimizer.py, self.tx), and two results of optax.adam(1e-3) are different closures
#   that never compare equal. The jit cache holds each of them, with the executable, after the model is
#   gone. One transformation made outside of the loop gives one compilation, and so does a new model with
#   it.
#
# Output seen:
#   5 models, optax.adam(1e-3) for each: traces 5 transformations alive 5
#   5 models, one optax.adam(1e-3):      traces 1
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'optax==0.2.8')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import gc
import sys
import weakref

import jax.numpy as jnp
import optax
from flax import nnx

traces = 0


def step(model, optimizer, x):
    global traces
    traces += 1
    optimizer.update(model, nnx.grad(lambda m: (m(x) ** 2).mean())(model))


def sweep(make):
    global traces
    traces, updates = 0, []
    train = nnx.jit(step)
    for seed in range(5):
        model = nnx.Linear(4, 4, rngs=nnx.Rngs(seed))
        tx = make()
        train(model, nnx.Optimizer(model, tx, wrt=nnx.Param), jnp.ones((2, 4)))
        updates.append(weakref.ref(tx.update))
    del model, tx
    gc.collect()
    return traces, sum(update() is not None for update in updates)


shared = optax.adam(1e-3)
anew, once = sweep(lambda: optax.adam(1e-3)), sweep(lambda: shared)
print("5 models, optax.adam(1e-3) for each: traces", anew[0], "transformations alive", anew[1])
print("5 models, one optax.adam(1e-3):      traces", once[0])
sys.exit(0 if anew == (5, 5) and once[0] == 1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
