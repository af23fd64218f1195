#!/usr/bin/env bash
# jax.lax.pmean of two uint8 images that are 200 everywhere is 72.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A mean image, a mean label or the share of hits is taken over the devices by jax.lax.pmean, and over an array
#   by jnp.mean. Both take integers and return float32; the example in the documentation of pmean is a mean of
#   integers, 1.5. One expects the same number of both.
#
#   pmean of the uint8 numbers 200 and 200 is 72.0, on two devices as under vmap. Of four int32 numbers 2**30 it
#   is 0.0. pmean is psum, which adds in the type of its operand and wraps, and then the division by the number
#   of devices, which makes a float of the result (jax/_src/lax/parallel.py). So the range goes down with the
#   number of devices: with int8 and 128 of them a 1 overflows. jnp.mean adds in float32. A bool is counted right,
#   since psum turns it into an integer first. The documentation of pmean says nothing of it.
#
# Output seen:
#   devices  dtype  each     jnp.mean  pmean in vmap  pmean in shard_map
#         2  uint8  100           100            100            100  float32
#         2  uint8  200           200             72             72  float32
#         4  uint8  200           200              8              8  float32
#         2  int8   100           100            -28            -28  float32
#         4  int32  2**30  1073741824              0              0  float32
#         4  bool   1               1              1              1  float32
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import os
import sys

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def mean(x):
    return jax.lax.pmean(x, "i")



seen = []
print("devices  dtype  each     jnp.mean  pmean in vmap  pmean in shard_map")
for devices, kind, value in (
    (2, "uint8", "100"),
    (2, "uint8", "200"),
    (4, "uint8", "200"),
    (2, "int8", "100"),
    (4, "int32", "2**30"),
    (4, "bool", "1"),
):
    mesh = jax.make_mesh((devices,), ("i",), devices=jax.devices()[:devices])
    x = jnp.full(devices, eval(value), kind)
    split = jax.device_put(x, jax.sharding.NamedSharding(mesh, P("i")))
    mapped = jax.vmap(mean, axis_name="i")(x)
    sharded = jax.jit(jax.shard_map(mean, mesh=mesh, in_specs=P("i"), out_specs=P()))(split)
    row = [int(x.mean()), int(mapped[0]), int(sharded[0])]
    seen.append(row)
    print(f"{devices:7}  {kind:7}{value:6}{row[0]:11}{row[1]:15}{row[2]:15}  {sharded.dtype}")
kept, wrapped = [100] * 3, [200, 72, 72]
sys.exit(0 if seen == [kept, wrapped, [200, 8, 8], [100, -28, -28], [2**30, 0, 0], [1, 1, 1]] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
