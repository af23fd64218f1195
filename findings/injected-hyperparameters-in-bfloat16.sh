#!/usr/bin/env bash
# optax.inject_hyperparams makes Adam give NaN at the first step of a bfloat16 model.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   inject_hyperparams(optax.adam)(learning_rate=1e-3) is optax.adam(1e-3) whose learning rate can be read
#   and set. One expects the same steps from both, and optax.adam works for a bfloat16 model.
#
#   The wrapped one makes every parameter NaN at once. inject_hyperparams (optax/schedules/_inject.py) puts
#   all numeric arguments into the state, also those that nobody named, in the highest dtype of the
#   parameters. In bfloat16 the nearest number to b2=0.999 is 1. So the second moment stays 0, and its bias
#   correction divides 0 by 1 - 1**count. A single float32 parameter in the model hides it. With momentum
#   0.999 or a decay of that kind no NaN shows that the average has stopped. hyperparam_dtype=jnp.float32 is
#   the way out.
#
# Output seen:
#   optax.adam, bfloat16                  largest change 0.0020 
#   injected, float32                     largest change 0.0010 b2 0.9990
#   injected, bfloat16                    largest change nan b2 1.0000
#   injected, bfloat16, hyperparam_dtype  largest change 0.0020 b2 0.9990
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
import sys

import jax.numpy as jnp
import optax
from flax import nnx


def train(tx, param_dtype):
    model = nnx.Linear(4, 4, use_bias=False, param_dtype=param_dtype, rngs=nnx.Rngs(0))
    optimizer = nnx.Optimizer(model, tx, wrt=nnx.Param)
    before = model.kernel[...]
    grads = nnx.grad(lambda m: (m(jnp.ones((1, 4))) ** 2).mean())(model)
    optimizer.update(model, grads)
    step = float(jnp.abs(model.kernel[...] - before).max().astype(jnp.float32))
    return step, optimizer.opt_state


seen = {}
for text, tx, dtype in (
    ("optax.adam, bfloat16", optax.adam(1e-3), jnp.bfloat16),
    ("injected, float32", optax.inject_hyperparams(optax.adam)(1e-3), jnp.float32),
    ("injected, bfloat16", optax.inject_hyperparams(optax.adam)(1e-3), jnp.bfloat16),
    (
        "injected, bfloat16, hyperparam_dtype",
        optax.inject_hyperparams(optax.adam, hyperparam_dtype=jnp.float32)(1e-3),
        jnp.bfloat16,
    ),
):
    seen[text], state = train(tx, dtype)
    b2 = getattr(state, "hyperparams", {}).get("b2")
    print(f"{text:37} largest change {seen[text]:.4f}", "" if b2 is None else f"b2 {float(b2[...]):.4f}")
finite = [step == step for step in seen.values()]
sys.exit(0 if finite == [True, True, False, True] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
