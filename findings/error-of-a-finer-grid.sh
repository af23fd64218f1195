#!/usr/bin/env bash
# exponax's fourier_MAE and H1_MAE are half as large on a grid twice as fine, where their formula gives one value.
#
# Date: 2026-11-30
#
# Versions: exponax 0.2.0, equinox 0.13.8, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The metrics of exponax compare two fields, and take the size of the domain and of the grid into account. Fields that
#   are known exactly on each grid have one error. So it is for MSE, fourier_MSE, RMSE and fourier_RMSE, and nearly for
#   MAE. The documentation of fourier_MAE gives the formula: the sum over the modes of (L / N) ** D *
#   abs(fft(difference)). It says that this is not the norm of MAE. But by this formula, too, the value is one and the
#   same on each grid.
#
#   fourier_MAE gives 0.094 on 16 points and 0.012 on 128, where the formula gives 1.5 on each. H1_MAE, which is made of
#   it, falls by the same factor of 2 with each doubling. A model looks eight times as good on a grid that is eight
#   times as fine, and a loss that is made of MSE and H1_MAE weighs them differently on each grid.
#
#   The source: `fourier_aggregator` of exponax/metrics/_fourier.py divides each coefficient, after its power, by an
#   array that holds the number of points or half of it, and multiplies the sum by (L / N) ** D. A square needs both,
#   and an absolute value needs one of them.
#
# Output seen:
#   points   MAE   MSE   fourier_MSE   fourier_MAE   its formula   H1_MAE
#       16  0.69  0.62          0.62        0.0938        1.5000    1.468
#       32  0.68  0.62          0.62        0.0469        1.5000    0.734
#       64  0.68  0.62          0.62        0.0234        1.5000    0.367
#      128  0.68  0.62          0.62        0.0117        1.5000    0.184
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
packages=('exponax==0.2.0' 'equinox==0.13.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import exponax
import jax.numpy as jnp
import numpy as np

seen = {}
print("points   MAE   MSE   fourier_MSE   fourier_MAE   its formula   H1_MAE")
for points in (16, 32, 64, 128):
    x = np.arange(points) / points
    field = np.cos(6 * np.pi * x) + 0.5 * np.sin(2 * np.pi * x)
    formula = np.abs(np.fft.fft(field)).sum() / points
    state = jnp.array(field, jnp.float32)[None]
    names = ("MAE", "MSE", "fourier_MSE", "fourier_MAE", "H1_MAE")
    row = [float(getattr(exponax.metrics, name)(state)) for name in names]
    seen[points] = row
    print(f"{points:6}{row[0]:6.2f}{row[1]:6.2f}{row[2]:14.2f}{row[3]:14.4f}{formula:14.4f}{row[4]:9.3f}")
even = all(np.allclose(row[1:3], 0.625, atol=1e-3) and abs(row[0] - 0.68) < 0.02 for row in seen.values())
halves = all(abs(seen[points][each] / seen[2 * points][each] - 2) < 0.01 for points in (16, 32, 64) for each in (3, 4))
sys.exit(0 if even and halves and abs(formula - 1.5) < 1e-6 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
