#!/usr/bin/env bash
# LayerNorm of a row with mean 10,000 and deviation 1 has a deviation in the hundreds.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A layer norm takes away the mean and divides by the deviation, so a constant that is added to all
#   features cannot matter. float32 holds 10,000 plus a normal number to 0.001, so one expects a deviation
#   of 1 as before.
#
#   nnx.LayerNorm and nnx.GroupNorm give outputs of several hundreds, and jax.nn.standardize does so as
#   well. They compute the variance as mean(x**2) - mean(x)**2 (flax/nnx/nn/normalization.py,
#   jax/_src/nn/functions.py), the difference of two numbers of 1e8 that float32 knows to about 8. Where the
#   difference is below zero it becomes 0, and the row is divided by the root of epsilon. Nothing is NaN.
#   BatchNorm stores such a variance for the evaluation. Pixels, prices, years and coordinates are such
#   features before they are scaled, for which one puts the layer first. The documentation calls this
#   formula the faster and less stable one, and it is the default; use_fast_variance=False is right.
#
# Output seen:
#   deviation of the output for a mean of:   0   1,000   10,000
#   LayerNorm                             1.00    1.04   593.86
#   GroupNorm                             1.00    1.04   659.00
#   BatchNorm                             1.00    1.03   212.33
#   jax.nn.standardize                    1.00    1.04   187.80
#   LayerNorm, use_fast_variance=False    1.00    1.00     1.00
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

noise = jax.random.normal(jax.random.key(0), (8, 64))
rngs = nnx.Rngs(0)
layers = {
    "LayerNorm": nnx.LayerNorm(64, rngs=rngs),
    "GroupNorm": nnx.GroupNorm(64, num_groups=4, rngs=rngs),
    "BatchNorm": nnx.BatchNorm(64, rngs=rngs),
    "jax.nn.standardize": jax.nn.standardize,
    "LayerNorm, use_fast_variance=False": nnx.LayerNorm(64, use_fast_variance=False, rngs=rngs),
}
seen = {}
print("deviation of the output for a mean of:   0   1,000   10,000")
for text, layer in layers.items():
    seen[text] = [float(layer(noise + mean).std()) for mean in (0.0, 1e3, 1e4)]
    print(f"{text:35} {seen[text][0]:6.2f} {seen[text][1]:7.2f} {seen[text][2]:8.2f}")
*fast, slow = seen.values()
ok = all(abs(row[0] - 1) < 0.05 and row[2] > 10 for row in fast)
sys.exit(0 if ok and all(abs(value - 1) < 0.05 for value in slow) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
