#!/usr/bin/env bash
# The average of optax.contrib.schedule_free stops being an average in bfloat16.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   Schedule-free training evaluates an average of the iterates, to which step n adds 1/n of its way. With a
#   constant learning rate the sum of the weights grows linearly, whatever the dtype of the parameters.
#
#   With bfloat16 parameters the sum stops after 256 steps, and every later iterate gets 1/256. init_fn
#   (optax/contrib/_schedule_free.py) makes weight_sum in the lowest dtype of the parameters, and 8 bits
#   hold no more than 256 equal summands. The average is then a moving one over some 256 steps, so it is
#   another method, and nothing is NaN. One bfloat16 parameter in a float32 model is enough,
#   since the lowest dtype counts, and state_dtype=jnp.float32 sets the dtype of z alone.
#
# Output seen:
#   sum of the weights after 2000 steps, in weights of one step
#   float32:                      2000
#   bfloat16:                     256
#   float32 and bfloat16:         256
#   bfloat16, state_dtype=float32: 256
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

import jax
import jax.numpy as jnp
import optax

STEPS = 2000


def weight_of_last_step(dtypes, **options):
    params = {str(i): jnp.ones(3, dtype) for i, dtype in enumerate(dtypes)}
    sgd = optax.sgd(0.125)
    tx = optax.contrib.schedule_free(sgd, 0.125, **options)
    state = tx.init(params)
    update = jax.jit(tx.update)
    zeros = jax.tree.map(jnp.zeros_like, params)
    for _ in range(STEPS):
        _, state = update(zeros, state, params)
    return round(float(state.weight_sum) / 0.125**2)


float32, bfloat16 = jnp.float32, jnp.bfloat16
seen = [
    weight_of_last_step([float32]),
    weight_of_last_step([bfloat16]),
    weight_of_last_step([float32, bfloat16]),
    weight_of_last_step([bfloat16], state_dtype=float32),
]
print("sum of the weights after", STEPS, "steps, in weights of one step")
print("float32:                     ", seen[0])
print("bfloat16:                    ", seen[1])
print("float32 and bfloat16:        ", seen[2])
print("bfloat16, state_dtype=float32:", seen[3])
sys.exit(0 if seen == [2000, 256, 256, 256] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
