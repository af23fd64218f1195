#!/usr/bin/env bash
# jax.shard_map outside of jit compiles each operation again each time that it runs.
#
# Date: 2026-11-30
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, four devices of the CPU, Python 3.12, CPU.
#
# Behaviour:
#   A function of 30 additions is run outside of jit, three times, on arrays of one shape: as it is, under jax.vmap, and
#   under jax.shard_map. One expects that the first run compiles an addition, and the others nothing. So it is for the
#   function as it is, and under jax.vmap.
#
#   Under jax.shard_map each run compiles each of the 30 additions, the equal ones too, the third time as the first, and
#   two steps that bring arrays in and out.
#   Each takes some 50 ms, so that a step of a small model that is debugged this way takes minutes, and never gets faster.
#
#   The source: ShardMapTrace.process_primitive of jax/_src/shard_map.py makes of each operation a HashablePartial, which
#   has __eq__ and __hash__ for jax.jit to know an equal one again, and calls jax.jit of it. But the caches of jit hold
#   a function weakly. Nobody else holds the HashablePartial, so its entry is gone before the next operation asks for it.
#   The last row shows this: where somebody keeps what HashablePartial returns, the first run compiles one addition
#   (and the two steps), and the others nothing, as the two methods are there for.
#
# Output seen:
#   run outside of jit   compilations of three runs
#   as it is             [1, 0, 0]
#   vmap                 [1, 0, 0]
#   shard_map            [32, 32, 32]
#   shard_map, kept      [3, 0, 0]
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
cat >"$folder/program.py" <<'PROGRAM'
import os
import sys

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"

import jax
import jax._src.shard_map as module
import jax.numpy as jnp

compiled = []


def listen(event, seconds, **kwargs):
    if event == "/jax/core/compile/backend_compile_duration":
        compiled.append(seconds)


jax.monitoring.register_event_duration_secs_listener(listen)


def step(x):
    for _ in range(30):
        x = x + x
    return x


def counts(f):
    jax.clear_caches()
    seen = []
    for _ in range(3):
        compiled.clear()
        f(x).block_until_ready()
        seen.append(len(compiled))
    return seen


mesh = jax.sharding.Mesh(jax.devices(), ("d",))
spec = jax.sharding.PartitionSpec("d")
x = jax.device_put(jnp.ones((4, 2)), jax.sharding.NamedSharding(mesh, spec))
sharded = jax.shard_map(step, mesh=mesh, in_specs=spec, out_specs=spec)

rows = {"as it is": counts(step), "vmap": counts(jax.vmap(step)), "shard_map": counts(sharded)}
make, kept = module.HashablePartial, []


def keeping(*parts):
    kept.append(make(*parts))
    return kept[-1]


module.HashablePartial = keeping
rows["shard_map, kept"] = counts(sharded)

print("run outside of jit   compilations of three runs")
for name, seen in rows.items():
    print(f"{name:20} {seen}")
once, each = [1, 0, 0], [32, 32, 32]
sys.exit(0 if list(rows.values()) == [once, once, each, [3, 0, 0]] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
