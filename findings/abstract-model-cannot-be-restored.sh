#!/usr/bin/env bash
# An abstract model made under jax.set_mesh is no target for orbax.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, orbax-checkpoint 0.12.8, Python 3.12, CPU.
#
# Behaviour:
#   nnx.eval_shape makes a model without arrays, whose Variables know their shardings, and orbax restores a
#   checkpoint into such a target. Under jax.set_mesh, the usual way since Flax 0.12, one expects the two to
#   fit.
#
#   The restore raises "_device_assignment is not implemented for `jax.sharding.AbstractMesh`". Inside a
#   trace jax knows the mesh only in its abstract form, so the ShapeDtypeStructs carry a NamedSharding over
#   an AbstractMesh, which has no devices, and orbax asks it for them. The text names no leaf, no checkpoint
#   and no remedy. nnx.get_abstract_model takes the mesh itself and yields a target that works.
#
# Output seen:
#   sharding of the abstract kernel: AbstractMesh
#   restore: ValueError: _device_assignment is not implemented for `jax.sharding.AbstractMesh`.
#   restore by nnx.get_abstract_model: P(None, 'model')
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'orbax-checkpoint==0.12.8')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export XLA_FLAGS=--xla_force_host_platform_device_count=8
cat >"$folder/program.py" <<'PROGRAM'
import os
import sys
import tempfile

import jax
import orbax.checkpoint as ocp
from flax import nnx
from jax.sharding import AxisType

mesh = jax.make_mesh((4, 2), ("data", "model"), axis_types=(AxisType.Auto,) * 2)
jax.set_mesh(mesh)
init = nnx.with_partitioning(nnx.initializers.lecun_normal(), (None, "model"))


def make():
    return nnx.Linear(8, 16, kernel_init=init, rngs=nnx.Rngs(0))


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "checkpoint")
    checkpointer = ocp.StandardCheckpointer()
    checkpointer.save(path, nnx.state(make()))
    checkpointer.wait_until_finished()
    abstract = nnx.eval_shape(make)
    print("sharding of the abstract kernel:", type(abstract.kernel.get_value().sharding.mesh).__name__)
    try:
        checkpointer.restore(path, nnx.state(abstract))
        message = ""
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
    print("restore:", message)
    _, target = nnx.get_abstract_model(make, mesh)
    restored = checkpointer.restore(path, target)
    print("restore by nnx.get_abstract_model:", restored["kernel"][...].sharding.spec)
sys.exit(0 if "AbstractMesh" in message else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
