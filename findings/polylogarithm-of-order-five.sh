#!/usr/bin/env bash
# jaxpolylog's integral gives the polylogarithm of order 5 at 0.5 as 47.3 with 1,000 points, where 0.508 is right.
#
# Date: 2026-11-30
#
# Versions: jaxpolylog 0.4.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, mpmath 1.4.1, Python 3.12, CPU.
#
# Behaviour:
#   jax_polylog has four methods for the polylogarithm: the series around 0, the expansion around 1, the two patched
#   together, and the integral of log(t)**(s - 1) / (1 - z t). p_range is the number of terms or points, and its
#   docstring says that a higher one increases the accuracy. One expects the order of accuracy of the trapezoidal
#   rule.
#
#   With approx="integral" and 1,000 points, the number in the example of the docstring, the order 2 is 1.6% too
#   large, the order 3 is 48% too large, and the order 5 is 93 times too large at 0.5. A million points still give 9%
#   too much. The gradient is as wrong. The other methods have all 15 digits.
#
#   The source: `jax_polylog` in jaxpolylog/polylogs.py takes the first point of the grid at 1e-20. The integrand is
#   finite there, log(1e-20)**4 is 4.5 million, and the trapezoidal rule takes it for the whole first interval.
#
# Output seen:
#   order       right      series, 100       integral with 1,000     100,000   1,000,000 points
#       2    0.582241         0.582241                  0.591576    0.582322    0.582248
#       3    0.537213         0.537213                  0.792925    0.539641    0.537448
#       4    0.517479         0.517479                  4.562227    0.557170    0.521387
#       5    0.508401         0.508401                 47.340579    0.973514    0.554614
#   gradient of order 5 with 200 terms or points: series 1.0350, integral 41.7744, right 1.0350
#   half of the first interval alone: 46.90
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
packages=('jaxpolylog==0.4.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'mpmath==1.4.1')
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
import mpmath
import numpy as np
from jaxpolylog import jax_polylog

jax.config.update("jax_enable_x64", True)
Z = 0.5


def value(order, points, method):
    return float(jax_polylog(jnp.array(Z + 0j), order, points, method).real)


seen = {}
print("order       right      series, 100       integral with 1,000     100,000   1,000,000 points")
for order in (2, 3, 4, 5):
    right = float(mpmath.polylog(order, Z))
    row = [right, value(order, 100, "inf"), *(value(order, n, "integral") for n in (1_000, 100_000, 1_000_000))]
    seen[order] = row
    print(f"{order:5}{row[0]:12.6f}{row[1]:17.6f}{row[2]:26.6f}{row[3]:12.6f}{row[4]:12.6f}")
slopes = []
for method in ("inf", "integral"):
    slopes.append(float(jax.grad(lambda z, method=method: jax_polylog(z + 0j, 5, 200, method).real)(Z)))
print(f"gradient of order 5 with 200 terms or points: series {slopes[0]:.4f}, integral {slopes[1]:.4f}, ", end="")
print(f"right {float(mpmath.polylog(4, Z)) / Z:.4f}")
grid = np.linspace(1e-20, 1, 1_000)
first = grid[1] / 2 * np.log(grid[0]) ** 4 * Z / 24
print(f"half of the first interval alone: {first:.2f}")
fine = all(abs(row[1] / row[0] - 1) < 1e-12 for row in seen.values()) and abs(slopes[0] * Z / seen[4][0] - 1) < 1e-12
off = [seen[order][2] / seen[order][0] for order in (2, 3, 4, 5)]
wrong = abs(off[0] - 1.016) < 0.005 and off[1] > 1.4 and off[2] > 8 and off[3] > 90 and seen[5][4] / seen[5][0] > 1.05
sys.exit(0 if fine and wrong and slopes[1] > 10 * slopes[0] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
