#!/usr/bin/env bash
# nnx.Conv with stride 2 and padding "CIRCULAR" or "REFLECT" looks at other pixels than "SAME", in the middle as well.
#
# Date: 2026-12-01
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   The paddings "SAME", "CIRCULAR" and "REFLECT" of a convolution say what is beyond the border: zeros, the other side,
#   or a mirror. The outputs have the same shape, and one expects them to differ at the border alone: so a model that
#   was trained with "SAME" can be run with "CIRCULAR" on periodic data, and a down-sampling layer stays in step with a
#   pool of "SAME" beside it.
#
#   With strides of 2, an even size and a kernel of 3 each output of "CIRCULAR" and "REFLECT" is centred one pixel
#   before that of "SAME", also far from the border: of the positions 0 to 7 an average of three has 1, 3, 5 with "SAME"
#   and 0, 2, 4 in its place, so a skip connection that is pooled with "SAME" is half a cell off. An odd size is right,
#   and so is a stride of 1, so a test with 7 x 7 does not see it. "CAUSAL" is one pixel before by its purpose.
#   nnx.max_pool and nnx.avg_pool have no "CIRCULAR". A stack of four such layers is 15 pixels off. To keep step pad by
#   hand with jnp.pad as jax.lax.padtype_to_pads has it for "SAME", and use "VALID".
#
#   The source: `_conv` in flax/nnx/nn/linear.py pads (k - 1) // 2 before and k // 2 after for these two, whatever the
#   strides are; jax's "SAME" takes the strides into account and pads 0 before and 1 after.
#
# Output seen:
#   size  strides  SAME                            CIRCULAR                        REFLECT
#      8        2  [3.0, 5.0]                      [2.0, 4.0]                      [2.0, 4.0]
#      7        2  [2.0, 4.0]                      [2.0, 4.0]                      [2.0, 4.0]
#      8        1  [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]  [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]  [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
#     12        3  [4.0, 7.0]                      [3.0, 6.0]                      [3.0, 6.0]
#   four layers of stride 2, output 32 of 64 looks at [527.0, 512.0, 512.0]
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

import jax.numpy as jnp
from flax import nnx


def centres(size, strides, padding, layers=1):
    """Where each output looks at, away from the border: the mean of three positions, for some layers."""
    positions = jnp.arange(float(size))[None, :, None]
    for _ in range(layers):
        conv = nnx.Conv(
            1,
            1,
            (3,),
            strides=strides,
            padding=padding,
            use_bias=False,
            kernel_init=nnx.initializers.constant(1 / 3),
            rngs=nnx.Rngs(0),
        )
        positions = conv(positions)
    return [round(float(position), 3) for position in positions[0, :, 0]]


good = True
print(f"size  strides  {'SAME':32}{'CIRCULAR':32}REFLECT")
for size, strides, same in ((8, 2, False), (7, 2, True), (8, 1, True), (12, 3, False)):
    rows = [centres(size, strides, padding)[1:-1] for padding in ("SAME", "CIRCULAR", "REFLECT")]
    print(f"{size:4}  {strides:7}  {rows[0]!s:32}{rows[1]!s:32}{rows[2]}")
    good = good and (rows[0] == rows[1] == rows[2]) == same
    if not same:
        good = good and rows[1] == rows[2] == [position - 1 for position in rows[0]]
deep = [centres(1024, 2, padding, 4)[32] for padding in ("SAME", "CIRCULAR", "REFLECT")]
print("four layers of stride 2, output 32 of 64 looks at", deep)
sys.exit(0 if good and abs(deep[0] - deep[1] - 15) < 0.01 and deep[1] == deep[2] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
