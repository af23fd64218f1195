#!/usr/bin/env bash
# jaxley's NegSoftplusTransform(-50) has the upper bound 50: a potential that is to stay below -50 mV ends at 45 mV.
#
# Date: 2026-11-30
#
# Versions: jaxley 0.14.0, tridiax 0.2.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, pandas 3.1.1, Python 3.12, CPU.
#
# Behaviour:
#   A fit of a neuron keeps its parameters within bounds by transforms of jaxley. NegSoftplusTransform(upper) is to map
#   each number to one below upper: its docstring says so.
#
#   The bound has the wrong sign. With upper=-50 the values go up to 50, and with upper=5 they end at -5. A fit with the
#   bound -50 mV goes to 45 mV without a word. The inverse has the same error, so that a test of forth and back passes,
#   and it takes -60 mV to a number that is off by 100. With the bound 0 all is right, and so is SoftplusTransform, the
#   transform for a lower bound.
#
#   The source: `NegSoftplusTransform` in jaxley/optimize/transforms.py hands the bound to SoftplusTransform, which adds
#   it, and then takes the negative of the sum.
#
# Output seen:
#   NegSoftplusTransform(upper) of      -100       -1        0        1      100
#   upper = -50.0                  -50.000   48.687   49.307   49.687   50.000
#   upper =  -1.0                  -99.000   -0.313    0.307    0.687    1.000
#   upper =   0.0                 -100.000   -1.313   -0.693   -0.313   -0.000
#   upper =   5.0                 -105.000   -6.313   -5.693   -5.313   -5.000
#   SoftplusTransform(-50.0)        -50.000  -49.687  -49.307  -48.687   50.000
#   the inverse of -60 for upper = -50: -110.0
#   a fit towards 45 mV under the bound -50 mV ends at 45.0 mV
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
packages=('jaxley==0.14.0' 'tridiax==0.2.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'pandas==3.1.1')
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
from jaxley.optimize.transforms import NegSoftplusTransform, ParamTransform, SoftplusTransform

jax.config.update("jax_enable_x64", True)
points = jnp.array([-100.0, -1.0, 0.0, 1.0, 100.0])
seen = {}
print("NegSoftplusTransform(upper) of      -100       -1        0        1      100")
for upper in (-50.0, -1.0, 0.0, 5.0):
    seen[upper] = np.asarray(NegSoftplusTransform(upper).forward(points))
    print(f"upper ={upper:6.1f}                " + "".join(f"{value:9.3f}" for value in seen[upper]))
lower = np.asarray(SoftplusTransform(-50.0).forward(points))
print("SoftplusTransform(-50.0)      " + "".join(f"{value:9.3f}" for value in lower))
there_and_back = float(NegSoftplusTransform(-50.0).inverse(jnp.array(-60.0)))
print(f"the inverse of -60 for upper = -50: {there_and_back:.1f}")

# A fit of the reversal potential of an inhibitory synapse, which is to stay below -50 mV.
transform = ParamTransform([{"e_syn": NegSoftplusTransform(-50.0)}])
raw = transform.inverse([{"e_syn": jnp.array([40.0])}])
for _ in range(200):
    slope = jax.grad(lambda raw: jnp.sum((transform.forward(raw)[0]["e_syn"] - 45.0) ** 2))(raw)
    raw = jax.tree.map(lambda value, change: value - 0.1 * change, raw, slope)
fitted = float(transform.forward(raw)[0]["e_syn"][0])
print(f"a fit towards 45 mV under the bound -50 mV ends at {fitted:.1f} mV")
wrong = all(abs(values.max() + upper) < 1e-3 for upper, values in seen.items())
right = lower.min() >= -50 and abs(there_and_back + 110) < 1e-6
sys.exit(0 if wrong and right and abs(fitted - 45) < 0.1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
