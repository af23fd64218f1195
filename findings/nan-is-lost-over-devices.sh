#!/usr/bin/env bash
# jnp.max of an array that is split over devices of the CPU drops a NaN, and of NaN alone it is -inf.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, four devices of the CPU, Python 3.12, CPU.
#
# Behaviour:
#   jnp.max, jnp.min and the norm of infinity are NaN if one number is, as in numpy, and so one bounds an array to see
#   that it is sound: jnp.max(jnp.abs(x)) < 10. One expects of a sharded array what it gives on one device, but for
#   rounding.
#
#   Where the array lies on four devices the NaN is gone: the maximum is that of the devices without one, and the check
#   says that all is well. If each number is NaN, the maximum is -inf. So it is for jnp.min, jnp.ptp,
#   jax.ops.segment_max and jax.lax.pmax, in a jit and outside. jnp.sum, jnp.argmax and jax.nn.logsumexp keep it. Tests
#   that run on devices of the CPU in the place of a cluster do not see a NaN by such a bound.
#
#   The source: XLA turns the maximum over devices into a reduction of the kind MAX (`MatchReductionComputation`), and
#   the communicator of the CPU computes it by a comparison that starts from -inf and is false for a NaN (`ReduceHelper`
#   in xla/backends/cpu/collectives/in_process_communicator.cc). The maximum on one device is an operation of HLO, which
#   hands a NaN on. Other kinds of devices were not run.
#
# Output seen:
#                              one device  four devices
#   jnp.max                           nan           5.0
#   jnp.min                           nan           0.5
#   jnp.ptp                           nan           4.5
#   jnp.linalg.norm(x, inf)           nan           5.0
#   jnp.max(abs(x)) < 10            False          True
#   jax.ops.segment_max               nan           5.0
#   jnp.sum                           nan           nan
#   jnp.argmax                          2             2
#   jax.nn.logsumexp                  nan           nan
#   pmax of a shard_map                 -           5.0
#   jnp.max of NaN alone              nan          -inf
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export XLA_FLAGS=--xla_force_host_platform_device_count=4
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
import jax.numpy as jnp
from jax.sharding import AxisType, NamedSharding, PartitionSpec

mesh = jax.make_mesh((4,), ("data",), axis_types=(AxisType.Auto,))
split = NamedSharding(mesh, PartitionSpec("data"))


def largest_of_devices(x):
    part = lambda x: jax.lax.pmax(jnp.max(x), "data")
    return jax.shard_map(part, mesh=mesh, in_specs=PartitionSpec("data"), out_specs=PartitionSpec())(x)


functions = {
    "jnp.max": jnp.max,
    "jnp.min": jnp.min,
    "jnp.ptp": jnp.ptp,
    "jnp.linalg.norm(x, inf)": lambda x: jnp.linalg.norm(x, jnp.inf),
    "jnp.max(abs(x)) < 10": lambda x: jnp.max(jnp.abs(x)) < 10,
    "jax.ops.segment_max": lambda x: jax.ops.segment_max(x, jnp.zeros(len(x), int), 1)[0],
    "jnp.sum": jnp.sum,
    "jnp.argmax": jnp.argmax,
    "jax.nn.logsumexp": jax.nn.logsumexp,
}
x = jnp.array([1.0, 2.0, jnp.nan, 3.0, 5.0, 4.0, 0.5, 2.5])
seen = {}
print(f"{'':25}{'one device':>12}{'four devices':>14}")
for name, function in functions.items():
    seen[name] = [str(jax.jit(function)(each)) for each in (x, jax.device_put(x, split))]
    print(f"{name:25}{seen[name][0]:>12}{seen[name][1]:>14}")
seen["pmax of a shard_map"] = ["-", str(largest_of_devices(x))]
seen["jnp.max of NaN alone"] = [
    str(jnp.max(each)) for each in (jnp.full(8, jnp.nan), jax.device_put(jnp.full(8, jnp.nan), split))
]
for name in ("pmax of a shard_map", "jnp.max of NaN alone"):
    print(f"{name:25}{seen[name][0]:>12}{seen[name][1]:>14}")

lost = {
    "jnp.max": ["nan", "5.0"],
    "jnp.min": ["nan", "0.5"],
    "jnp.ptp": ["nan", "4.5"],
    "jnp.linalg.norm(x, inf)": ["nan", "5.0"],
    "jnp.max(abs(x)) < 10": ["False", "True"],
    "jax.ops.segment_max": ["nan", "5.0"],
    "pmax of a shard_map": ["-", "5.0"],
    "jnp.max of NaN alone": ["nan", "-inf"],
}
kept = {name: ["nan", "nan"] for name in ("jnp.sum", "jax.nn.logsumexp")} | {"jnp.argmax": ["2", "2"]}
sys.exit(0 if seen == lost | kept else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
