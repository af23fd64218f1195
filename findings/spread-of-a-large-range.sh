#!/usr/bin/env bash
# eqx-learn's MinMaxScaler gives a deviation back at 71% of its size for a range of 10,000, and at 1% for a million.
#
# Date: 2026-11-30
#
# Versions: eqx-learn 0.2.4, equinox 0.13.8, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   MinMaxScaler moves data into the range from 0 to 1, and inverse moves them back. Both take a pair of a mean and a
#   variance as well, for models that predict their uncertainty; TransformedTargetRegressor hands such predictions to
#   inverse. So what went in should come back.
#
#   The variance does not if the range is large, as that of prices or of pressures in pascal. The deviation of a range
#   of 10,000 is 71% of what it was, of 100,000 it is 10%, and of a million 1%. A Gaussian process of pressures that
#   vary by 12,000 Pa says 1,762 Pa of a point where its own scaled variance means 2,565 Pa. The mean itself is 1% off
#   for a range of a million, and half for 100 million. It is no rounding: all is in double precision, and
#   StandardScaler gives everything back.
#
#   The source: `inverse` of MinMaxScaler in eqxlearn/preprocessing/scalers.py divides by the scale plus eps, 1e-8, and
#   the variance by the square of the scale plus eps. But the scale is 1 over the range, so its square is soon below
#   that, and it is never 0.
#
# Output seen:
#   what comes back, in parts of what went in
#                  MinMaxScaler            StandardScaler
#      range      value   deviation       value   deviation
#      1e+00     1.0000      1.0000      1.0000      1.0000
#      1e+02     1.0000      1.0000      1.0000      1.0000
#      1e+04     0.9999      0.7071      1.0000      1.0000
#      1e+05     0.9990      0.0995      1.0000      1.0000
#      1e+06     0.9901      0.0100      1.0000      1.0000
#      1e+08     0.5000      0.0001      1.0000      1.0000
#   a Gaussian process of pressures around 100000 Pa, with a deviation of the noise of 500 Pa
#   MinMaxScaler    predicts    95467 with a deviation of 1762.3 where its scaled one is 2564.5
#   StandardScaler  predicts    95505 with a deviation of  795.8 where its scaled one is  795.8
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
packages=('eqx-learn==0.2.4' 'equinox==0.13.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from eqxlearn.gaussian_process import GaussianProcessRegressor
from eqxlearn.gaussian_process.kernels import RBFKernel, WhiteNoiseKernel
from eqxlearn.preprocessing.scalers import MinMaxScaler, StandardScaler

jax.config.update("jax_enable_x64", True)
seen = {}
print("what comes back, in parts of what went in")
print("               MinMaxScaler            StandardScaler")
print("   range      value   deviation       value   deviation")
for exponent in (0, 2, 4, 5, 6, 8):
    size = 10.0**exponent
    data = jnp.linspace(0, size, 101)[:, None]
    value, variance = jnp.array([0.3 * size]), jnp.array([(0.1 * size) ** 2])
    row = []
    for kind in (MinMaxScaler, StandardScaler):
        scaler = kind().solve(data)
        back, spread = scaler.inverse(scaler((value, variance)))
        row += [float(back[0] / value[0]), float(jnp.sqrt(spread[0] / variance[0]))]
    seen[exponent] = row
    print(f"{size:8.0e}{row[0]:11.4f}{row[1]:12.4f}{row[2]:12.4f}{row[3]:12.4f}")
model = GaussianProcessRegressor(kernel=RBFKernel(1.5) + WhiteNoiseKernel(0.05))
x = jnp.linspace(0, 10, 41)[:, None]
pressures = 100_000 + 5_000 * jnp.sin(x[:, 0]) + 500 * jax.random.normal(jax.random.key(0), (41,))
print("a Gaussian process of pressures around 100000 Pa, with a deviation of the noise of 500 Pa")
found = {}
for kind in (MinMaxScaler, StandardScaler):
    scaler = kind().solve(pressures[:, None])
    fitted = model.condition(x, jax.vmap(scaler)(pressures[:, None])[:, 0])
    mean, variance = fitted(jnp.array([5.1]), return_var=True)
    height, spread = scaler.inverse((mean[None], variance[None]))
    unit = float(pressures.max() - pressures.min() if kind is MinMaxScaler else pressures.std())
    found[kind.__name__] = float(jnp.sqrt(spread[0])), float(jnp.sqrt(variance)) * unit
    print(f"{kind.__name__:15} predicts {float(height[0]):8.0f} with a deviation of {found[kind.__name__][0]:6.1f}"
          f" where its scaled one is {found[kind.__name__][1]:6.1f}")
wrong = abs(seen[4][1] - 0.7071) < 1e-3 and abs(seen[6][1] - 0.01) < 1e-4 and abs(seen[8][0] - 0.5) < 1e-3
right = all(abs(value - 1) < 1e-6 for row in seen.values() for value in row[2:]) and seen[0][1] > 0.999
ours, other = found["MinMaxScaler"], found["StandardScaler"]
sys.exit(0 if wrong and right and ours[0] < 0.8 * ours[1] and abs(other[0] / other[1] - 1) < 1e-6 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
