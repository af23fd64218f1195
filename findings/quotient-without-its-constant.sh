#!/usr/bin/env bash
# orthax divides x**3 - 8 by x - 2 to x**2 + 2 x and a rest of 4 x - 8; the last step of each division is left out.
#
# Date: 2026-11-30
#
# Versions: orthax 0.2.11, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   orthax has the functions of numpy.polynomial for jax. polydiv gives a quotient and a rest, and the degree of the
#   rest is below that of the divisor. (x**3 - 8) / (x - 2) is x**2 + 2 x + 4, without a rest. One expects that, and in
#   each of the six bases the same as of numpy. The docstring of polydiv has (1, 2, 3) / (3, 2, 1) = 3 as its example.
#
#   The first coefficient of the quotient is 0 in each division, and the rest has the degree of the divisor. So the
#   example of the docstring is 0, and a test for a common factor by a rest of 0 fails each time. No error or NaN tells,
#   as the product of the quotient and the divisor plus the rest is the dividend. Only a divisor that is a number is
#   divided by rightly. The product, and the quotient with numpy of the same numbers, are right.
#
#   The source: `_div` in orthax/polyutils.py runs its loop from 0 to `sz`, the degree of the quotient, and a quotient
#   has one coefficient more than its degree.
#
# Output seen:
#   lowest degree first        orthax                          numpy
#   [-8, 0, 0, 1] / [-2, 1]    [0.0, 2.0, 1.0], rest [-8.0, 4.0][4.0, 2.0, 1.0], rest []
#   [1, 2, 3]     / [3, 2, 1]  [], rest [1.0, 2.0, 3.0]        [3.0], rest [-8.0, -4.0]
#   [6, 4, 2]     / [2]        [3.0, 2.0, 1.0], rest []        [3.0, 2.0, 1.0], rest []
#   100 divisions of degree 5 by degree 2, a basis each
#                first coefficient 0   other coefficients right   product right   sum right
#   polynomial                   100                        100             100         100
#   chebyshev                    100                        100             100         100
#   legendre                     100                        100             100         100
#   hermite                      100                        100             100         100
#   hermite_e                    100                        100             100         100
#   laguerre                     100                        100             100         100
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
packages=('orthax==0.2.11' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
import orthax

jax.config.update("jax_enable_x64", True)
BASES = {"polynomial": "poly", "chebyshev": "cheb", "legendre": "leg", "hermite": "herm", "hermite_e": "herme"}
BASES["laguerre"] = "lag"


def text(numbers):
    return str(np.round(np.trim_zeros(np.asarray(numbers), "b"), 3).tolist())


def padded(numbers, size=8):
    numbers = np.asarray(numbers)
    return np.pad(numbers, (0, size - len(numbers)))


polydiv, numpy_div = orthax.polynomial.polydiv, np.polynomial.polynomial.polydiv
print("lowest degree first        orthax                          numpy")
shown = {}
for dividend, divisor in (([-8, 0, 0, 1], [-2, 1]), ([1, 2, 3], [3, 2, 1]), ([6, 4, 2], [2])):
    mine = [text(part) for part in polydiv(jnp.array(dividend, float), jnp.array(divisor, float))]
    right = [text(part) for part in numpy_div(np.array(dividend, float), np.array(divisor, float))]
    shown[len(divisor), len(dividend)] = (mine, right)
    print(f"{dividend!s:13} / {divisor!s:11}{', rest '.join(mine):32}{', rest '.join(right)}")

rng = np.random.default_rng(0)
seen = {}
print("100 divisions of degree 5 by degree 2, a basis each")
print("             first coefficient 0   other coefficients right   product right   sum right")
for basis, prefix in BASES.items():
    ours, theirs = getattr(orthax, basis), getattr(np.polynomial, basis)
    rows = []
    for _ in range(100):
        a, b = rng.normal(size=6), rng.normal(size=3)
        quotient, rest = getattr(ours, prefix + "div")(jnp.array(a), jnp.array(b))
        wanted, _ = getattr(theirs, prefix + "div")(a, b)
        product = getattr(ours, prefix + "mul")(jnp.array(a), jnp.array(b))
        back = padded(getattr(theirs, prefix + "mul")(np.asarray(quotient), b)) + padded(rest)
        rows.append((
            float(quotient[0]) == 0 and abs(wanted[0]) > 1e-6,
            np.allclose(quotient[1:], wanted[1:], rtol=1e-6),
            np.allclose(padded(product), padded(getattr(theirs, prefix + "mul")(a, b))),
            np.allclose(back, padded(a), atol=1e-6 * np.abs(np.asarray(rest)).max()),
        ))
    seen[basis] = np.sum(rows, axis=0).tolist()
    print("{:13}{:19} {:26} {:15} {:11}".format(basis, *seen[basis]))
wrong = all(mine != right for (size, _), (mine, right) in shown.items() if size > 1)
control = all(mine == right for (size, _), (mine, right) in shown.items() if size == 1)
sys.exit(0 if wrong and control and all(min(row) >= 99 for row in seen.values()) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
