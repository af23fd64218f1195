#!/usr/bin/env bash
# nnx.Einsum starts a projection to 16 heads four times smaller than nnx.LinearGeneral.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   Both layers have the kernel (features, heads, head_dim), the same default initializer lecun_normal and
#   the same product. lecun_normal gives an output of the variance of the input. One expects equal outputs.
#
#   That of nnx.Einsum shrinks by the root of the number of heads. An initializer takes the last axis of the
#   shape for the outputs, the last but one for the inputs, and all the others for a window as of a
#   convolution. LinearGeneral makes a matrix of the shape first; Einsum (flax/nnx/nn/linear.py) hands over
#   the shape as it is, so heads count as inputs, and a batch of matrices such as the experts of a mixture
#   is taken for a window. Logits of attention are a product of two such outputs, so they are too small by
#   the number of heads, and the attention starts uniform. Nothing in the docstring says so.
#
# Output seen:
#    1 heads: deviation of LinearGeneral 1.01, of Einsum 1.01
#    4 heads: deviation of LinearGeneral 1.02, of Einsum 0.51
#   16 heads: deviation of LinearGeneral 1.00, of Einsum 0.25
#   64 heads: deviation of LinearGeneral 1.00, of Einsum 0.13
#   8 experts: deviation of Einsum 0.36
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
from flax import nnx

features, head_dim = 512, 16
x = jax.random.normal(jax.random.key(0), (64, features))
seen = []
for heads in (1, 4, 16, 64):
    shape = (features, heads, head_dim)
    einsum = nnx.Einsum("bf,fhd->bhd", shape, rngs=nnx.Rngs(0))
    linear = nnx.LinearGeneral(features, (heads, head_dim), rngs=nnx.Rngs(0))
    assert einsum.kernel.shape == linear.kernel.shape == shape
    seen.append((float(linear(x).std()), float(einsum(x).std())))
    general, shrunk = seen[-1]
    print(f"{heads:2} heads: deviation of LinearGeneral {general:.2f}, of Einsum {shrunk:.2f}")

shape = (8, features, head_dim)
experts = nnx.Einsum("ebf,efd->ebd", shape, rngs=nnx.Rngs(0))
expert = float(experts(x.reshape(8, 8, features)).std())
print(f"8 experts: deviation of Einsum {expert:.2f}")
ok = all(abs(a - 1) < 0.15 for a, _ in seen)
ok = ok and all(abs(b - n**-0.5) < 0.1 for (_, b), n in zip(seen, (1, 4, 16, 64)))
sys.exit(0 if ok and abs(expert - 8**-0.5) < 0.1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
