#!/usr/bin/env bash
# model.eval() has no effect on an eval step that nnx.cached_partial made.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.cached_partial(step, model) is advised for steps that are called with the same model again and again. A
#   training script makes its two steps once, then calls model.train() and model.eval() in turn. One expects that
#   the cached eval step does what the eval step does.
#
#   It uses dropout and writes the statistics of BatchNorm, for ever, without an error. cached_partial clones the
#   model ("will clone all cached graph nodes" in its docstring), and the clone shares the Variables. The flags
#   that eval() sets, deterministic and use_running_average, are attributes of the model's own layers; the clone's
#   stay as they were when the step was made. As the Variables are shared, the statistics of the real model move
#   at each evaluation. It holds the other way round: steps that are made after model.eval() never use dropout,
#   and model.train() does not change that.
#
# Output seen:
#   eval step, after model.eval(): 0 zeros, statistics as before True
#   cached eval step, after model.eval(): zeros True, statistics as before False
#   cached train step that was made after model.eval(), after model.train(): zeros False
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


class Model(nnx.Module):
    def __init__(self):
        rngs = nnx.Rngs(0)
        self.norm = nnx.BatchNorm(64, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, rngs=rngs)

    def __call__(self, x):
        return self.dropout(self.norm(x))


@nnx.jit
def step(model, x):
    return model(x)


x = 3.0 + jax.random.normal(jax.random.key(0), (8, 64))


def measured(call, model):
    before = model.norm.mean[...]
    zeros = int((call(x) == 0).sum())
    return zeros, bool((model.norm.mean[...] == before).all())


model = Model()
cached = nnx.cached_partial(step, model)
model.eval()
zeros, same = measured(lambda x: step(model, x), model)
print(f"eval step, after model.eval(): {zeros} zeros, statistics as before {same}")
many, kept = measured(cached, model)
print(f"cached eval step, after model.eval(): zeros {many > 0}, statistics as before {kept}")

late = nnx.cached_partial(step, model)
model.train()
few, _ = measured(late, model)
print(f"cached train step that was made after model.eval(), after model.train(): zeros {few > 0}")
sys.exit(0 if (zeros, same) == (0, True) and many > 100 and not kept and few == 0 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
