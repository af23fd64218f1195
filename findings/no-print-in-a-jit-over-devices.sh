#!/usr/bin/env bash
# A value of jax.shard_map can be printed in the function itself, and not in a jax.jit within it.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   In the function of a jax.shard_map, print(y) shows the numbers of each device. Code that is called there may be
#   compiled: a layer with a jax.jit around it, which reaches y by closure. In it, print(y) shows the same if y is
#   another on each device: a slice of a batch.
#
#   If y is the same on all devices, as weights and step counters are, print(y) raises an AttributeError about an
#   attribute `amesh`. So does each message that shows the value: an assertion, a log line, the text of another
#   exception, which the AttributeError hides. It is so in a jax.checkpoint, too. In a jax.vmap or a jax.grad in the
#   place of the jax.jit both can be printed.
#
#   `ShardMapTracer.__str__` in jax/_src/shard_map.py calls pvary first, which does nothing for what varies, and
#   otherwise gives a tracer of the inner trace, which is then asked for its mesh.
#
# Output seen:
#                     a slice    the same on all devices
#   nothing           printed    printed
#   jax.vmap          printed    printed
#   jax.grad          printed    printed
#   jax.checkpoint    printed    AttributeError: 'DynamicJaxprTrace' object has no attribute 'amesh'
#   jax.jit           printed    AttributeError: 'DynamicJaxprTrace' object has no attribute 'amesh'
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
import sys

import jax
import jax.numpy as jnp
from jax.sharding import Mesh, PartitionSpec

seen = {}


def shown(name, value):
    """Take note of what print(value) does."""
    try:
        text = str(value)
    except AttributeError as error:
        seen.setdefault(name, []).append(f"AttributeError: {error}")
    else:
        seen.setdefault(name, []).append("printed" if text.startswith("On cpu:0 at mesh") else text)


def f(batch, weights):
    def within(name):
        def g(z):
            shown(name, batch)
            shown(name, weights)
            return z

        return g

    within("nothing")(batch)
    jax.vmap(within("jax.vmap"))(batch)
    jax.grad(lambda z: within("jax.grad")(z).sum())(batch)
    jax.checkpoint(within("jax.checkpoint"))(batch)
    jax.jit(within("jax.jit"))(batch)
    return batch


mesh = Mesh(jax.devices()[:2], ("d",))
batch, same = PartitionSpec("d"), PartitionSpec()
jax.shard_map(f, mesh=mesh, in_specs=(batch, same), out_specs=batch)(jnp.arange(4.0), jnp.arange(4.0))
print(f"{'':17} a slice    the same on all devices")
for name, texts in seen.items():
    print(f"{name:17} {texts[0]:10} {texts[1]}")
expected = dict.fromkeys(("nothing", "jax.vmap", "jax.grad"), ["printed"] * 2)
failed = "AttributeError: 'DynamicJaxprTrace' object has no attribute 'amesh'"
expected |= {"jax.checkpoint": ["printed", failed], "jax.jit": ["printed", failed]}
sys.exit(0 if seen == expected else 1)
PROGRAM

export XLA_FLAGS=--xla_force_host_platform_device_count=2
"$folder/venv/bin/python" "$folder/program.py"
