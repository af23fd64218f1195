#!/usr/bin/env bash
# The first donated train step kills the clone of the model that was kept as a target network.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A target network or an average starts as nnx.clone(model). The train step is compiled with donate_argnums for
#   the model, as guides advise to save memory. One expects that the copy is independent of it.
#
#   The copy has other Variables, and the very arrays of the model. The first step donates these: afterwards the
#   clone, which no call was given, fails with "Array has been deleted" wherever it is used. The docstring of
#   nnx.clone tells of another case, that jax refuses to donate both: "Attempt to donate the same buffer twice".
#   copy.deepcopy of the model is alive after the step, and so is nnx.clone(model, arrays=True).
#
#   nnx.clone is merge of split; no array is copied, since arrays of jax do not change. Donation breaks that.
#
# Output seen:
#   nnx.clone: arrays shared, after the step deleted
#   copy.deepcopy: arrays copied, after the step alive
#   nnx.clone with arrays=True: arrays copied, after the step alive
#   donate both: Attempt to donate the same buffer twice
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
import copy
import sys

import jax
import jax.numpy as jnp
from flax import nnx


def step(model, x):
    gradient = nnx.grad(lambda model: (model(x) ** 2).sum())(model)
    nnx.update(model, jax.tree.map(lambda w, g: w - 0.1 * g, nnx.state(model), gradient))


def follow(target, model):
    nnx.update(target, jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, nnx.state(target), nnx.state(model)))


X = jnp.ones((1, 2))
seen = {}
WAYS = {"nnx.clone": nnx.clone, "copy.deepcopy": copy.deepcopy, "nnx.clone with arrays=True": lambda m: nnx.clone(m, arrays=True)}
for name, make in WAYS.items():
    model = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
    target = make(model)
    before, other = model.kernel.get_raw_value(), target.kernel.get_raw_value()
    shared = before.unsafe_buffer_pointer() == other.unsafe_buffer_pointer()
    nnx.jit(step, donate_argnums=0)(model, X)
    try:
        target(X)
        left = "alive"
    except RuntimeError as error:
        assert "Array has been deleted" in str(error), error
        left = "deleted"
    seen[name] = shared, left
    print(f"{name}: arrays {'shared' if shared else 'copied'}, after the step {left}")

model = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
try:
    nnx.jit(follow, donate_argnums=(0, 1))(nnx.clone(model), model)
    both = "accepted"
except Exception as error:
    both = "Attempt to donate the same buffer twice"
    both = both if both in str(error) else str(error)
print("donate both:", both)
wanted = {"nnx.clone": (True, "deleted"), "copy.deepcopy": (False, "alive"), "nnx.clone with arrays=True": (False, "alive")}
sys.exit(0 if seen == wanted and both.startswith("Attempt") else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
