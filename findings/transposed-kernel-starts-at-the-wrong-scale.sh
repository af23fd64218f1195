#!/usr/bin/env bash
# nnx.ConvTranspose with transpose_kernel=True starts a decoder five times too large, or too small.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   transpose_kernel=True flips the kernel and swaps its two axes of channels; with the kernel changed accordingly the
#   layer is the same function. So one expects it to start at the same scale: the default, lecun_normal, divides by
#   the number of inputs, which keeps the deviation of the activations near 1 from layer to layer.
#
#   With 128 features halved five times the deviation grows to 5 in the place of 0.9, and with 4 features doubled five
#   times it falls to 0.16. The kernel is made with the shape (..., out, in) if it is transposed
#   (flax/nnx/nn/linear.py), and the initializer takes the last axis but one for the inputs: it divides by the number
#   of outputs. Each layer is off by the root of out / in. With as many outputs as inputs both are alike, so a small
#   test shows nothing, and a model that is trained from there learns, but at other rates. kernel_init with
#   out_axis=-2 and in_axis=-1 is right.
#
# Output seen:
#   deviation after each of 5 layers
#     128 to 4 features, transpose_kernel=False   0.977   0.955   0.933   0.907   0.859
#     128 to 4 features, transpose_kernel=True    1.353   1.839   2.584   3.639   5.052
#     4 to 128 features, transpose_kernel=False   0.972   0.998   0.969   0.952   0.915
#     4 to 128 features, transpose_kernel=True    0.703   0.510   0.346   0.240   0.164
#     64 to 64 features, transpose_kernel=False   0.969   0.939   0.932   0.910   0.871
#     64 to 64 features, transpose_kernel=True    0.965   0.937   0.927   0.905   0.889
#   with the kernel mirrored and its last axes swapped both are the same function: True
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


def deviations(channels, transpose_kernel):
    """The deviation of the activations after each layer of a decoder that starts from noise."""
    x = jax.random.normal(jax.random.key(0), (1, 16, 16, channels[0]))
    rngs, seen = nnx.Rngs(0), []
    for features_in, features_out in zip(channels, channels[1:]):
        layer = nnx.ConvTranspose(features_in, features_out, (3, 3), transpose_kernel=transpose_kernel, rngs=rngs)
        x = layer(x)
        seen.append(float(x.std()))
    return seen


def same_function():
    """Whether the two are one layer, if the kernel of the one is that of the other, mirrored."""
    plain = nnx.ConvTranspose(3, 5, (3, 3), rngs=nnx.Rngs(0))
    other = nnx.ConvTranspose(3, 5, (3, 3), transpose_kernel=True, rngs=nnx.Rngs(0))
    other.kernel[...] = jnp.flip(plain.kernel[...], (0, 1)).swapaxes(2, 3)
    x = jax.random.normal(jax.random.key(1), (1, 8, 8, 3))
    return bool(jnp.allclose(plain(x), other(x), atol=1e-5))


CASES = {"128 to 4 features": (128, 64, 32, 16, 8, 4), "4 to 128 features": (4, 8, 16, 32, 64, 128)}
CASES["64 to 64 features"] = (64,) * 6
seen = {}
print("deviation after each of 5 layers")
for text, channels in CASES.items():
    for transpose_kernel in (False, True):
        row = seen[text, transpose_kernel] = deviations(channels, transpose_kernel)
        print(f"  {text}, transpose_kernel={transpose_kernel!s:5}", *(f"{d:7.3f}" for d in row))
same = same_function()
print("with the kernel mirrored and its last axes swapped both are the same function:", same)
down, up, level = ([seen[text, kind][-1] for kind in (False, True)] for text in CASES)
right = all(0.5 < first < 1.5 for first, _ in (down, up, level)) and 0.5 < level[1] < 1.5
sys.exit(0 if same and right and down[1] > 3 * down[0] and up[1] < up[0] / 3 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
