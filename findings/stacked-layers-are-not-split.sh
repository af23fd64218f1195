#!/usr/bin/env bash
# Layers stacked by nnx.vmap say that they are split over the mesh, and are not.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   Since Flax 0.12 a Variable with a sharding annotation is placed by it as soon as it is made under a
#   mesh. Layers that are stacked by nnx.vmap (or nnx.scan) with transform_metadata={nnx.PARTITION_NAME:
#   "layers"} get that name for the new axis. One expects the stack to be split over the mesh axis of that
#   name.
#
#   The annotation is (layers, None, model), and the array is split over model alone: every device holds all
#   of the layers. The Variable is placed when it is made, inside of vmap, and
#   _update_variable_sharding_metadata (flax/nnx/transforms/iteration.py) changes only the annotation
#   afterwards. The moments of nnx.Optimizer are new Variables with the full annotation, so they are split,
#   and model and optimizer disagree. nnx.jit around it all does not help.
#
# Output seen:
#   kernel: annotation ('layers', None, 'model'), (4, 8, 16) is held as (4, 8, 8)
#   kernel made in nnx.jit: annotation ('layers', None, 'model'), (4, 8, 16) is held as (4, 8, 8)
#   first moment: annotation ('layers', None, 'model'), (4, 8, 16) is held as (1, 8, 8)
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
import sys

import jax
import optax
from flax import nnx
from jax.sharding import AxisType

jax.set_mesh(jax.make_mesh((4, 2), ("layers", "model"), axis_types=(AxisType.Auto,) * 2))
split = nnx.with_partitioning(nnx.initializers.lecun_normal(), (None, "model"))


@nnx.split_rngs(splits=4)
@nnx.vmap(in_axes=0, transform_metadata={nnx.PARTITION_NAME: "layers"})
def layers(rngs):
    return nnx.Linear(8, 16, kernel_init=split, rngs=rngs)


def describe(text, variable):
    array = variable[...]
    piece = array.addressable_shards[0].data.shape
    print(f"{text}: annotation {variable.out_sharding}, {array.shape} is held as {piece}")
    return piece


model = layers(nnx.Rngs(0))
eager = describe("kernel", model.kernel)
jitted = describe("kernel made in nnx.jit", nnx.jit(lambda: layers(nnx.Rngs(0)))().kernel)
optimizer = nnx.Optimizer(model, optax.adam(1e-3), wrt=nnx.Param)
moment = describe("first moment", optimizer.opt_state[0].mu["kernel"])
sys.exit(0 if eager == jitted == (4, 8, 8) and moment == (1, 8, 8) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
