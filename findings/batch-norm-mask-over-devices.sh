#!/usr/bin/env bash
# BatchNorm with a mask and axis_name lets one example on a sparse device weigh as much as many on another.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.BatchNorm takes a mask of the positions whose mean and variance count, and axis_name for statistics
#   over all devices. One expects the same statistics from 8 devices as from one that holds the whole batch.
#
#   They agree only if each device has as many unmasked positions as the others. _compute_stats
#   (flax/nnx/nn/normalization.py) takes the masked mean on each device and then lax.pmean, which weighs the
#   devices alike, whatever each mask leaves. Padding is seldom spread evenly: long documents lie on some
#   devices and short ones on others. With 2 rows of 4 on each device the statistics are right, and with 4
#   on the first device and 1 on each other they are wrong, in the output and in the running average. The
#   other norm layers call the same function.
#
# Output seen:
#   2 of 4 on each device            1 device: mean 14.50 var  84.25   8 devices: mean 14.50 var  84.25
#   4 on the first, 1 on each other  1 device: mean 10.73 var  89.83   8 devices: mean 14.19 var  79.15
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
export XLA_FLAGS=--xla_force_host_platform_device_count=8
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
import jax.numpy as jnp
from flax import nnx
from jax.sharding import AxisType, PartitionSpec

mesh = jax.make_mesh((8,), ("data",), axis_types=(AxisType.Auto,))
x = jnp.arange(32.0)[:, None]  # four rows on each device
data = PartitionSpec("data")


def statistics(mask, devices):
    norm = nnx.BatchNorm(
        1, momentum=0.0, axis_name="data" if devices == 8 else None, rngs=nnx.Rngs(0)
    )

    def call(norm, x, mask):
        return norm(x, mask=mask)

    if devices == 8:
        specs = (PartitionSpec(), data, data)
        call = nnx.shard_map(call, mesh=mesh, in_specs=specs, out_specs=data)
    call(norm, x, mask)
    return float(norm.mean[0]), float(norm.var[0])


row = jnp.arange(32)
seen = {}
for text, mask in (
    ("2 of 4 on each device", row % 4 < 2),
    ("4 on the first, 1 on each other", (row < 4) | (row % 4 == 0)),
):
    seen[text] = [statistics(mask[:, None], n) for n in (1, 8)]
    (mean, var), (mean8, var8) = seen[text]
    print(f"{text:32} 1 device: mean {mean:5.2f} var {var:6.2f}   8 devices: mean {mean8:5.2f} var {var8:6.2f}")
even, uneven = ([abs(a - b) / a for a, b in zip(*rows)] for rows in seen.values())
sys.exit(0 if max(even) < 1e-3 and min(uneven) > 0.05 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
