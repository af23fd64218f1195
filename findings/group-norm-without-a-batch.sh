#!/usr/bin/env bash
# GroupNorm gives another output in nnx.vmap over the examples than for the batch.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.Conv, nnx.Linear, nnx.LayerNorm and nnx.avg_pool take an example without a batch axis, so that
#   nnx.vmap over the examples gives what the batch gives. Per-example gradients and ensembles are written
#   so. No layer here looks at other examples, so one expects the same of GroupNorm and InstanceNorm.
#
#   The output differs by several deviations, for both. GroupNorm.__call__ and InstanceNorm.__call__
#   (flax/nnx/nn/normalization.py) take the first axis for the batch, whatever the rank is. Of an image
#   (height, width, channels) each row is then normalised for itself. The docstring asks for reduction_axes
#   only where there are more leading axes. No shape is wrong and no statistic looks odd, so a model that is
#   trained with a batch axis and evaluated without one gives other predictions. reduction_axes=(-3, -2,
#   -1), which names the right axes in both cases, raises without a batch axis. x[None] is the way out.
#
# Output seen:
#   Conv                     largest difference between batch and nnx.vmap: 0.00
#   LayerNorm                largest difference between batch and nnx.vmap: 0.00
#   GroupNorm                largest difference between batch and nnx.vmap: 4.12
#   InstanceNorm             largest difference between batch and nnx.vmap: 4.06
#   GroupNorm, (-3, -2, -1)  ValueError: axis 1 is out of bounds for array of dimension 1
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
import sys

import jax
import jax.numpy as jnp
from flax import nnx

rngs = nnx.Rngs(0)
axes = (-3, -2, -1)
layers = {
    "Conv": nnx.Conv(8, 8, (3, 3), rngs=rngs),
    "LayerNorm": nnx.LayerNorm(8, rngs=rngs),
    "GroupNorm": nnx.GroupNorm(8, num_groups=2, rngs=rngs),
    "InstanceNorm": nnx.InstanceNorm(8, rngs=rngs),
    f"GroupNorm, {axes}": nnx.GroupNorm(8, num_groups=2, reduction_axes=axes, rngs=rngs),
}
slope = jnp.linspace(-1.0, 1.0, 16)[:, None, None]
images = slope + 0.1 * jax.random.normal(jax.random.key(0), (4, 16, 16, 8))

seen = {}
for text, layer in layers.items():
    batch = layer(images)
    try:
        each = nnx.vmap(lambda layer, x: layer(x), in_axes=(None, 0))(layer, images)
        seen[text] = float(jnp.abs(batch - each).max())
        print(f"{text:24} largest difference between batch and nnx.vmap: {seen[text]:.2f}")
    except ValueError as error:
        seen[text] = error
        print(f"{text:24} ValueError: {error}")
conv, layer_norm, group, instance, explicit = seen.values()
ok = max(conv, layer_norm) < 1e-4 and min(group, instance) > 0.5
sys.exit(0 if ok and isinstance(explicit, ValueError) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
