#!/usr/bin/env bash
# optimizer_sharding moves the parameters at the first update, and the step compiles twice.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   The metadata optimizer_sharding places the moments of an optimizer otherwise than the parameter, as for
#   ZeRO, where the moments are split over the data axis and the parameters are not. One expects the
#   parameters to stay where their own annotation puts them.
#
#   After the first update the kernel has the sharding of the moments. Optimizer.update
#   (flax/nnx/training/optimizer.py) adds the updates to the parameters, the sum has the sharding of the
#   moments, and nnx.update writes it into the Variable as it is. The annotation still says (None, model).
#   The next call of the jitted step sees other shardings and compiles again.
#
# Output seen:
#   after 0 steps: P(None, 'model'), held as (8, 8), compilations 0
#   after 1 steps: P('data', 'model'), held as (2, 8), compilations 1
#   after 2 steps: P('data', 'model'), held as (2, 8), compilations 2
#   after 3 steps: P('data', 'model'), held as (2, 8), compilations 2
#   annotation: (None, 'model')
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
export XLA_FLAGS=--xla_force_host_platform_device_count=8
cat >"$folder/program.py" <<'PROGRAM'
import logging
import sys

import jax
import jax.numpy as jnp
import optax
from flax import nnx
from jax.sharding import AxisType

jax.set_mesh(jax.make_mesh((4, 2), ("data", "model"), axis_types=(AxisType.Auto,) * 2))
init = nnx.with_partitioning(
    nnx.initializers.lecun_normal(), (None, "model"), optimizer_sharding=("data", "model")
)
x = jnp.ones((4, 8))


@nnx.jit
def train(model, optimizer):
    optimizer.update(model, nnx.grad(lambda m: (m(x) ** 2).mean())(model))


compiled = []


class Count(logging.Handler):
    def emit(self, record):
        if record.getMessage().startswith("Finished XLA compilation of jit(train)"):
            compiled.append(record)


logging.getLogger("jax._src.dispatch").addHandler(Count())
logging.getLogger("jax._src.dispatch").propagate = False
jax.config.update("jax_log_compiles", True)

model = nnx.Linear(8, 16, kernel_init=init, rngs=nnx.Rngs(0))
optimizer = nnx.Optimizer(model, optax.adam(1e-3), wrt=nnx.Param)
seen = []
for step in range(4):
    kernel = model.kernel[...]
    seen.append((kernel.sharding.spec, kernel.addressable_shards[0].data.shape, len(compiled)))
    print(f"after {step} steps: {seen[-1][0]}, held as {seen[-1][1]}, compilations {seen[-1][2]}")
    train(model, optimizer)
print("annotation:", model.kernel.out_sharding)
sys.exit(0 if seen[0][1] == (8, 8) and seen[1][1] == (2, 8) and seen[3][2] == 2 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
