#!/usr/bin/env bash
# A weight of 6 columns over 4 devices is a KeyError in nnx.jit, and one of 5 is silently replicated; eagerly both refuse.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, 8 devices of the CPU.
#
# Behaviour:
#   A model has out_sharding=(None, "model") on a mesh whose axis "model" has 4 devices. Flax places a Param where it is
#   made, eagerly or under a trace (docs_nnx/guides/flax_gspmd.md shows both). One expects one answer for one number of
#   columns: it is split, or refused in words.
#
#   With 8 columns both give 2 to each device. With 5 the eager model is refused (IndivisibleError, with the numbers),
#   and the one made in nnx.jit comes back whole on each device, while its metadata go on to say "model": no memory is
#   saved, and nothing is said. With 6, or any number that halves but does not quarter, nnx.jit ends with
#   "KeyError: np.int64(2)", which names neither the weight nor the mesh. jax.jit and with_sharding_constraint alone do
#   the same.
#
#   The source: XLA splits 6 columns over 2 groups of the 4 devices, as far as they divide. `explode_superdims` in
#   jax/_src/sharding_impls.py looks for the stride of these groups, 2, among those of the axes of the mesh, 4 and 1, to
#   tell the result's spec. `_apply_sharding` in flax/core/spmd.py takes a jit of out_shardings eagerly, where jax
#   wants even parts, and with_sharding_constraint in a trace, where jax does not.
#
# Output seen:
#   columns  eagerly             in nnx.jit         metadata
#   8        2 on each device    2 on each device   (None, 'model')
#   5        IndivisibleError    5 on each device   (None, 'model')
#   6        IndivisibleError    KeyError
#   jax alone, 6 columns: KeyError: np.int64(2)
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

export JAX_PLATFORMS=cpu XLA_FLAGS=--xla_force_host_platform_device_count=8
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
import jax.numpy as jnp
from flax import nnx
from jax.sharding import AxisType, PartitionSpec

mesh = jax.make_mesh((2, 4), ("data", "model"), axis_types=(AxisType.Auto, AxisType.Auto))


class Head(nnx.Module):
    def __init__(self, columns):
        self.weight = nnx.Param(jnp.ones((8, columns)), out_sharding=(None, "model"))


def outcome(make):
    try:
        weight = make().weight
    except (ValueError, KeyError) as error:
        return type(error).__name__, ""
    return f"{weight[...].addressable_shards[0].data.shape[1]} on each device", str(weight.out_sharding)


def constrained():
    return jax.lax.with_sharding_constraint(jnp.ones((8, 6)), PartitionSpec(None, "model"))


seen = {}
print(f"{'columns':9}{'eagerly':20}{'in nnx.jit':19}metadata")
with jax.set_mesh(mesh):
    for columns in (8, 5, 6):
        eagerly, _ = outcome(lambda: Head(columns))
        traced, metadata = outcome(nnx.jit(lambda: Head(columns)))
        seen[columns] = eagerly, traced, metadata
        print(f"{columns:<9}{eagerly:20}{traced:19}{metadata}".rstrip())
    try:
        alone = str(jax.jit(constrained)().sharding.spec)
    except KeyError as error:
        alone = f"KeyError: {error}"
print("jax alone, 6 columns:", alone)
model = "(None, 'model')"
wanted = {
    8: ("2 on each device", "2 on each device", model),
    5: ("IndivisibleError", "5 on each device", model),
    6: ("IndivisibleError", "KeyError", ""),
}
sys.exit(0 if seen == wanted and alone.startswith("KeyError") else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
