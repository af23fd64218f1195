#!/usr/bin/env bash
# nnx.shard_map takes None for a replicated model only in some modes, and only while the model is read.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   jax.shard_map takes None in in_specs for an argument that is the same on all devices, as PartitionSpec()
#   says at more length; jit takes None for a sharding, and vmap for an axis. One expects the same of
#   nnx.shard_map.
#
#   In the default mode None fails with an error about the structure of out_specs[0][0], which the caller did
#   not write; out_specs is right. Without graph updates None works as long as the function only reads the
#   model. Once it writes to a Variable the call ends in "KeyError: None": the writes are grouped by the
#   specs of in_specs, and shard_map lets None pass the check and makes no group for it
#   (flax/nnx/transforms/compilation.py, get_updates in flax/nnx/extract.py). PartitionSpec() works in all
#   modes.
#
# Output seen:
#                                           PartitionSpec()  None
#   jax.shard_map, reads                    0.0              0.0
#   nnx.shard_map, reads                    0.0              ValueError
#   nnx.shard_map, writes                   1.0              ValueError
#   without graph updates, reads            0.0              0.0
#   without graph updates, writes           1.0              KeyError
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
cat >"$folder/program.py" <<'PROGRAM'
import os
import sys

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"

import jax
import jax.numpy as jnp
from flax import nnx
from jax.sharding import Mesh, PartitionSpec

mesh = Mesh(jax.devices(), ("data",))
x = jnp.arange(8.0)


class Counter(nnx.Module):
    def __init__(self):
        self.count = nnx.Variable(jnp.array(0.0))


def read(counter, x):
    return x + counter.count[...]


def write(counter, x):
    counter.count[...] += 1
    return x


def outcome(shard_map, function, spec):
    """The count after a call, or the kind of error."""
    counter = Counter()
    specs = {"in_specs": (spec, PartitionSpec("data")), "out_specs": PartitionSpec("data")}
    try:
        shard_map(function, mesh=mesh, **specs)(counter, x)
    except Exception as error:
        return type(error).__name__
    return float(counter.count[...])


def without_updates(*args, **kwargs):
    return nnx.shard_map(*args, **kwargs, graph_updates=False)


print("                                        PartitionSpec()  None")
seen = {}
for text, shard_map, function in (
    ("jax.shard_map, reads", jax.shard_map, read),
    ("nnx.shard_map, reads", nnx.shard_map, read),
    ("nnx.shard_map, writes", nnx.shard_map, write),
    ("without graph updates, reads", without_updates, read),
    ("without graph updates, writes", without_updates, write),
):
    seen[text] = [outcome(shard_map, function, spec) for spec in (PartitionSpec(), None)]
    print(f"{text:40}{seen[text][0]:<16} {seen[text][1]}")
expected = [[0.0, 0.0], [0.0, "ValueError"], [1.0, "ValueError"], [0.0, 0.0], [1.0, "KeyError"]]
sys.exit(0 if list(seen.values()) == expected else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
