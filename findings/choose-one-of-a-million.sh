#!/usr/bin/env bash
# jax.scipy.special.comb(1_000_000, 1) is 442,413, comb(10_000_000, 1) is 1, and int(comb(8, 1)) is 7.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The number of pairs of n things is n * (n - 1) / 2, and of single things n. Both fit into float32 with seven
#   digits, and one expects about seven, as jax.scipy.special.factorial and scipy's comb(exact=False) have them. The
#   docstring says that comb goes by gammaln, and says nothing of its error.
#
#   From 100,000 on the first digit is wrong. Of 10 million things there is one way to take one, and its gradient by
#   n is 0. A probability that is a ratio of two of them is wrong by as much. Small numbers are a little off, so that
#   int(), or an index made by astype, takes one away: 63 of the 210 numbers of Pascal's triangle up to 19 are then
#   wrong.
#
#   The source: `comb` in jax/_src/scipy/special.py is exp(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)).
#   gammaln of a million is 12.8 million, where neighbouring float32 are 1 apart, and the exponential makes a factor
#   of an error. scipy multiplies k ratios if k is small. exp(-betaln(...)) / (n + 1) is right in jax too, as the
#   output shows.
#
# Output seen:
#            n     comb(n, 1)  its gradient        by betaln        comb(n, 2)           scipy
#           10           10.0         1.000             10.0                45              45
#         1000         1000.4         1.000           1000.0            499609          499500
#        10000        10006.0         1.000          10000.0       4.99515e+07      4.9995e+07
#       100000        98715.8         0.875          99999.9       4.60312e+09     4.99995e+09
#      1000000       442413.4         0.500        1000001.3        1.9573e+11           5e+11
#     10000000            1.0         0.000        9999994.0        7.8963e+13           5e+13
#   int(comb(8, 1)) is 7 and of 210 numbers of the triangle int makes 63 wrong
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
import scipy.special
from jax.scipy.special import betaln, comb

SIZES = (10, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)


def by_beta(n, k):
    return jnp.exp(-betaln(n - k + 1.0, k + 1.0)) / (n + 1.0)


seen = {}
print("         n     comb(n, 1)  its gradient        by betaln        comb(n, 2)           scipy")
for n in SIZES:
    one, two, right = float(comb(n, 1)), float(comb(n, 2)), float(scipy.special.comb(n, 2))
    slope, other = float(jax.grad(comb)(float(n), 1.0)), float(by_beta(float(n), 1.0))
    seen[n] = one / n, two / right, slope, other / n
    print(f"{n:10} {one:14.1f} {slope:13.3f} {other:16.1f} {two:17.6g} {right:15.6g}")

pairs = [(n, k) for n in range(20) for k in range(n + 1)]
exact = np.array([scipy.special.comb(n, k, exact=True) for n, k in pairs])
cut = np.array([int(comb(n, k)) for n, k in pairs])
wrong = int((cut != exact).sum())
print("int(comb(8, 1)) is", int(comb(8, 1)), "and of", len(pairs), "numbers of the triangle int makes", wrong, "wrong")
small = all(abs(seen[n][i] - 1) < 0.01 for n in SIZES[:3] for i in (0, 1))
large = all(abs(seen[n][i] - 1) > 0.01 for n in SIZES[3:] for i in (0, 1)) and seen[10_000_000][0] < 1e-6
betas = all(abs(seen[n][3] - 1) < 0.01 for n in SIZES)
sys.exit(0 if small and large and betas and seen[10_000_000][2] == 0 and wrong > 20 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
