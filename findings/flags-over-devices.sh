#!/usr/bin/env bash
# Flags of an array that is split over devices of the CPU cannot be united: bitwise_or.reduce is unimplemented there.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, four devices of the CPU, Python 3.12, CPU.
#
# Behaviour:
#   jnp.bitwise_or.reduce unites the flags of an array, bitwise_and.reduce gives those that all share, and
#   bitwise_xor.reduce is a checksum. They have no note on shardings. One expects that an array on four devices has its
#   flags united as its sum is taken, and at the worst that it is gathered before.
#
#   Each of the three fails on four devices, and so does jnp.max of complex numbers: JaxRuntimeError, "UNIMPLEMENTED:
#   Unsupported reduction computation", with the text of a computation of XLA in which nothing is named as in the
#   program. Sum, maximum, any, all and even logaddexp.reduce work.
#
#   The source: XLA makes of such a reduction a part on each device and one over the devices, for whatever operation.
#   The one over devices knows sum, product, minimum and maximum (`ReductionKind` in
#   xla/core/collectives/reduction_kind.h), of complex numbers the first two. "And" and "or" count as minimum and
#   maximum for truth values alone, so that any and all work, and flags do not. Other kinds of devices were not run.
#
# Output seen:
#                           one device    four devices
#   bitwise_or.reduce               15   UNIMPLEMENTED
#   bitwise_and.reduce              16   UNIMPLEMENTED
#   bitwise_xor.reduce               8   UNIMPLEMENTED
#   max of complex              (8+8j)   UNIMPLEMENTED
#   sum                             22              22
#   max                              8               8
#   any                           True            True
#   all                          False           False
#   sum of complex            (22+22j)        (22+22j)
#   logaddexp.reduce         2.0794415       2.0794415
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


def attempt(function, x):
    try:
        return str(jax.jit(function)(x))
    except jax.errors.JaxRuntimeError as error:
        return str(error).split(":")[0]


flags = jnp.array([1, 2, 4, 8, 1, 2, 4, 0])
cases = {
    "bitwise_or.reduce": (jnp.bitwise_or.reduce, flags),
    "bitwise_and.reduce": (jnp.bitwise_and.reduce, flags | 16),
    "bitwise_xor.reduce": (jnp.bitwise_xor.reduce, flags),
    "max of complex": (jnp.max, flags * (1 + 1j)),
    "sum": (jnp.sum, flags),
    "max": (jnp.max, flags),
    "any": (jnp.any, flags == 0),
    "all": (jnp.all, flags == 0),
    "sum of complex": (jnp.sum, flags * (1 + 1j)),
    "logaddexp.reduce": (jnp.logaddexp.reduce, jnp.log(jnp.ones(8))),
}
seen = {}
print(f"{'':20}{'one device':>14}{'four devices':>16}")
for name, (function, x) in cases.items():
    seen[name] = (attempt(function, x), attempt(function, jax.device_put(x, split)))
    print(f"{name:20}{seen[name][0]:>14}{seen[name][1]:>16}")
refused = [name for name, (_, over_devices) in seen.items() if over_devices == "UNIMPLEMENTED"]
same = [name for name, (one, over_devices) in seen.items() if one == over_devices]
sys.exit(0 if refused == list(cases)[:4] and same == list(cases)[4:] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
