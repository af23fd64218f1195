#!/usr/bin/env bash
# The density of X + Y is pdf(X) + pdf(Y) in jaxampler: its integral is 2, and that of X + 1 is infinite.
#
# Date: 2026-11-30
#
# Versions: jaxampler 0.0.7, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, tfp-nightly 0.26.0.dev20261027,
#   Python 3.12, CPU.
#
# Behaviour:
#   The random variables of jaxampler can be added, multiplied and shifted, X + Y, 2 * X, X + 1, and the result is a
#   RandomVariable with pdf and cdf. The sum of two independent normal variables is normal with the variance 2, and 2 *
#   X has half the density at twice the place.
#
#   jaxampler does the arithmetic with the densities. The density of X + Y is the sum of the two, that of 2 * X is twice
#   as high at the same place, and that of X + 1 is 1 higher everywhere, so its integral is infinite. The cdf of X + Y
#   goes to 2. No error is raised, and the printed name is "(X + Y)".
#
#   The source: `RandomVariable._evaulate` in jaxampler/_src/rvs/rvs.py calls pdf or cdf of each operand at the same x
#   and applies the operator to the results.
#
# Output seen:
#   variable   pdf at 0    right   cdf at 10   right   integral of the pdf from -20 to 20
#   X + Y         0.7979   0.2821      2.0000  1.0000         2.0000
#   2 * X         0.7979   0.1995      2.0000  1.0000         2.0000
#   X + 1         1.3989   0.2420      2.0000  1.0000        41.0000
#   integral of the pdf of X: 1.0000
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
packages=(
  'jaxampler==0.0.7' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'tfp-nightly==0.26.0.dev20261027'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from jaxampler.rvs import Normal
from scipy import stats

first, second = Normal(0.0, 1.0), Normal(0.0, 1.0)
CASES = {
    "X + Y": (first + second, stats.norm(0, np.sqrt(2))),
    "2 * X": (2 * first, stats.norm(0, 2)),
    "X + 1": (first + 1, stats.norm(1, 1)),
}
grid = np.linspace(-20, 20, 40_001)
seen = {}
print("variable   pdf at 0    right   cdf at 10   right   integral of the pdf from -20 to 20")
for name, (own, right) in CASES.items():
    total = float(np.trapezoid(np.asarray(own.pdf(jnp.asarray(grid)), float), grid))
    seen[name] = float(own.pdf(jnp.array([0.0]))[0]), float(own.cdf(jnp.array([10.0]))[0]), total
    print(f"{name}{seen[name][0]:15.4f}{right.pdf(0):9.4f}{seen[name][1]:12.4f}{right.cdf(10):8.4f}{total:15.4f}")
plain = float(np.trapezoid(np.asarray(first.pdf(jnp.asarray(grid)), float), grid))
print(f"integral of the pdf of X: {plain:.4f}")
twice = all(abs(seen[name][1] - 2) < 1e-3 and abs(seen[name][2] - 2) < 1e-3 for name in ("X + Y", "2 * X"))
sys.exit(0 if twice and seen["X + 1"][2] > 40 and abs(plain - 1) < 1e-4 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
