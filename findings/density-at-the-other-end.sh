#!/usr/bin/env bash
# KDExpress.fft_kde1d of waiting times from 0 on has a density of 0.38 at 12, where there are none, by a wrap-around.
#
# Date: 2026-11-30
#
# Versions: KDExpress 0.2.2, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, plum-dispatch 2.10.1, Python 3.12,
#   CPU.
#
# Behaviour:
#   A kernel density at a point is the mean of the kernels of the data there. fft_kde1d computes it on an even grid by a
#   Fourier transform; its docstring asks for an even grid and for nothing else. binned_kde1d and scipy do it by sums.
#
#   The ends of the grid are joined into a circle. Waiting times with a density of 1 at 0 have a density of 0.38 at 12,
#   the end of the grid, beyond all of the data. A grid that shows a part of the data has the rest of them at its ends:
#   for normal data and a grid from -1 to 1 the density at 1 is 1.53, where 0.24 is right. hist1d does the same, where
#   numpy leaves out what is beyond the bins. binned_kde1d is right in both cases. fft_kde2d and fft_kde3d are built in
#   the same way.
#
#   The source: `fft_kde1d` in KDExpress/univariate.py transforms the histogram without padding, and
#   `searchsorted_linear_spacing` in KDExpress/hist.py clips the index of a value beyond the edges to the last bin.
#
# Output seen:
#   waiting times, all on the grid
#          at   fft_kde1d   binned_kde1d     scipy
#        0.00      0.4506         0.4511    0.4510
#        1.00      0.3699         0.3698    0.3698
#       11.90      0.1068         0.0000    0.0000
#       12.00      0.3809         0.0000    0.0000
#   heights, a part on the grid
#          at   fft_kde1d   binned_kde1d     scipy
#       -1.00      1.5291         0.2469    0.2469
#        0.00      0.3902         0.3903    0.3904
#        0.90      1.0018         0.2631    0.2630
#        1.00      1.5293         0.2380    0.2380
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
packages=('KDExpress==0.2.2' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'plum-dispatch==2.10.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from KDExpress import binned_kde1d, fft_kde1d
from scipy.stats import gaussian_kde

WIDTH = 0.1
rng = np.random.default_rng(0)
CASES = {
    "waiting times, all on the grid": (rng.exponential(size=20_000), np.linspace(0, 12, 601), (0, 50, 595, 600)),
    "heights, a part on the grid": (rng.normal(size=20_000), np.linspace(-1, 1, 201), (0, 100, 190, 200)),
}
seen = {}
for name, (data, grid, places) in CASES.items():
    assert name.endswith("a part on the grid") or (data.min() > grid[0] and data.max() < grid[-1])
    right = gaussian_kde(data, WIDTH / data.std(ddof=1))(grid)
    fft = np.asarray(fft_kde1d(jnp.asarray(grid), jnp.asarray(data), bw=WIDTH))
    binned = np.asarray(binned_kde1d(jnp.asarray(grid), jnp.asarray(data), bw=WIDTH, nbins=2000))
    seen[name] = np.array([[values[place] for values in (fft, binned, right)] for place in places])
    print(f"{name}\n       at   fft_kde1d   binned_kde1d     scipy")
    for place, row in zip(places, seen[name]):
        print(f"{grid[place]:9.2f}{row[0]:12.4f}{row[1]:15.4f}{row[2]:10.4f}")
first, second = seen.values()
middle = abs(first[1, 0] - first[1, 2]) < 0.02 and abs(second[1, 0] - second[1, 2]) < 0.02
other = all(np.allclose(rows[:, 1], rows[:, 2], atol=0.02) for rows in seen.values())
ends = first[3, 0] > 0.3 and first[3, 2] < 1e-3 and second[3, 0] > 5 * second[3, 2]
sys.exit(0 if middle and other and ends else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
