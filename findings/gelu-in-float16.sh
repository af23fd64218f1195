#!/usr/bin/env bash
# The gradient of jax.nn.gelu in float16 is NaN beyond 148, and jax.nn.squareplus is inf beyond 255; their limits are x.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, flax 0.12.12, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   Activations are made to be safe for large inputs: gelu is x or 0 far out, and its derivative 1 or 0. The range of
#   float16 goes to 65,504, and one outlier of a few hundred before an activation is common in a transformer. The
#   docstrings say nothing of a bound.
#
#   The value of gelu is right everywhere. Its gradient is NaN from |x| = 148 on in float16, below and above 0,
#   forward and backward, so that one outlier makes each weight before it NaN. A loss scale finds NaN at each of its
#   values: it halves itself to nothing, and no step is taken. It is the approximate form, which is the default, so
#   that nnx.gelu has it too. gelu(approximate=False), silu, softplus, mish, elu and celu have a right gradient.
#   squareplus is inf from 256 on, and its gradient is 0.5, where 1 (or 0) is right.
#
#   The source: `gelu` in jax/_src/nn/functions.py is x * (1 + tanh(c * (x + 0.044715 * x ** 3))) / 2. The derivative
#   of tanh is 0 there, and that of the cube, 3 * x * x, is inf from 148 on; 0 * inf is NaN. `squareplus` is the root
#   of x * x + b. bfloat16 and float32 have the same beyond 1e19.
#
# Output seen:
#   in float16 at            -300.0     -150.0     -147.0      147.0      150.0      300.0
#   gelu        value            -0         -0         -0        147        150        300
#   gelu        gradient        nan        nan          0          1        nan        nan
#   gelu, exact value            -0         -0         -0        147        150        300
#   gelu, exact gradient          0          0          0          1          1          1
#   silu        value            -0         -0         -0        147        150        300
#   silu        gradient          0          0          0          1          1          1
#   mish        value            -0         -0         -0        147        150        300
#   mish        gradient          0          0          0          1          1          1
#   softplus    value             0          0          0        147        150        300
#   softplus    gradient          0          0          0          1          1          1
#   squareplus  value           inf          0          0        147        150        inf
#   squareplus  gradient        0.5 -0.0001068  8.202e-05          1          1        0.5
#   gelu: of 40 steps with an outlier 0 are taken, and the loss scale is 5.960464477539063e-08
#   gelu, exact: of 40 steps with an outlier 38 are taken, and the loss scale is 16384.0
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'flax==0.12.12' 'numpy==2.5.5')
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
import numpy as np
from flax.training.dynamic_scale import DynamicScale

POINTS = -300.0, -150.0, -147.0, 147.0, 150.0, 300.0
FUNCTIONS = {
    "gelu": jax.nn.gelu,
    "gelu, exact": lambda x: jax.nn.gelu(x, approximate=False),
    "silu": jax.nn.silu,
    "mish": jax.nn.mish,
    "softplus": jax.nn.softplus,
    "squareplus": jax.nn.squareplus,
}
seen = {}
print("in float16 at       " + "".join(f"{x:11}" for x in POINTS))
for name, function in FUNCTIONS.items():
    x = jnp.array(POINTS, jnp.float16)
    seen[name] = np.asarray(function(x), float), np.asarray(jax.vmap(jax.grad(function))(x), float)
    for what, row in zip(("value", "gradient"), seen[name], strict=True):
        print(f"{name:12}{what:8}" + "".join(f"{x:11.4g}" for x in row))

batch = jnp.ones((32, 4), jnp.float16).at[0].set(300.0)


def loss(kernel, activation):
    return jnp.mean(activation(batch @ kernel).astype(jnp.float32))


counts = {}
for name in ("gelu", "gelu, exact"):
    scale, taken, kernel = DynamicScale(), 0, jnp.eye(4, dtype=jnp.float16)
    for _ in range(40):
        scale, finite, _, _ = scale.value_and_grad(loss)(kernel, FUNCTIONS[name])
        taken += int(finite)
    counts[name] = taken
    print(f"{name}: of 40 steps with an outlier {taken} are taken, and the loss scale is {float(scale.scale)}")
outer, inner = [0, 1, 4, 5], [2, 3]
gelu = np.isnan(seen["gelu"][1][outer]).all() and np.isfinite(seen["gelu"][1][inner]).all()
value = np.allclose(seen["gelu"][0], np.maximum(POINTS, 0))
others = all(np.allclose(seen[name][1], np.array(POINTS) > 0, atol=1e-3) for name in list(FUNCTIONS)[1:5])
plus = np.isposinf(seen["squareplus"][0][[0, 5]]).all() and np.allclose(seen["squareplus"][1][[0, 5]], 0.5)
sys.exit(0 if gelu and value and others and plus and counts["gelu"] == 0 and counts["gelu, exact"] > 10 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
