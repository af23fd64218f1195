#!/usr/bin/env bash
# jaxfin's black_price values a call on a share of 100 at 118, and at 43 with are_calls=[True], where 46 is right.
#
# Date: 2026-11-30
#
# Versions: jaxfin 0.3.3, jax 0.4.23, jaxlib 0.4.23, numpy 1.26.4, scipy 1.11.4, Python 3.12, CPU.
#
# Behaviour:
#   black_price of jaxfin prices European options by the model of Black (1976) from the price of the share. Without a
#   dividend it is the formula of Black and Scholes, which bs_price of the same package has. Its argument are_calls says
#   which options are calls. It is None by default; for bs_price that means calls.
#
#   With are_calls left out the call is multiplied by exp(+r t) where it should be by exp(-r t). At a rate of 10% over 5
#   years it is worth 118, more than the share itself, and its delta is 2.4, where a delta is between 0 and 1. With
#   are_calls=[True] the discount is right and the price is still too low, 43.5 where 46.0 is right. So the two ways to
#   ask for a call differ by a factor of 2.7, and neither agrees with bs_price. With a rate of 0 all agree.
#
#   The source: `black_price` in jaxfin/price_engine/black/black_model.py has one variable discount_factors, exp((r - q)
#   t), which makes the forward price; the branch for None multiplies the result by it, too. And it hands the rate on to
#   `d1` in math/bs_common.py, which adds it to the drift of a price that is a forward price already, so the rate counts
#   twice.
#
# Output seen:
#   years   rate   are_calls left out   are_calls=[True]   bs_price   formula   delta, left out
#       1   0.00                11.92              11.92      11.92     11.92               0.56
#       1   0.05                15.56              14.08      14.23     14.23               0.69
#       5   0.05                57.18              34.68      35.96     35.96               1.26
#       5   0.10               118.18              43.48      46.03     46.03               2.43
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
packages=('jaxfin==0.3.3' 'jax==0.4.23' 'jaxlib==0.4.23' 'numpy==1.26.4' 'scipy==1.11.4')
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
from jaxfin.price_engine.black import black_price, delta_black
from jaxfin.price_engine.black_scholes import bs_price
from scipy.stats import norm

CASES = [(1.0, 0.0), (1.0, 0.05), (5.0, 0.05), (5.0, 0.10)]
seen = {}
print("years   rate   are_calls left out   are_calls=[True]   bs_price   formula   delta, left out")
for years, rate in CASES:
    arguments = [jnp.array([value]) for value in (100.0, 100.0, years, 0.3, rate)]
    deviation = 0.3 * np.sqrt(years)
    d1 = (rate + 0.3**2 / 2) * years / deviation
    formula = 100 * norm.cdf(d1) - 100 * np.exp(-rate * years) * norm.cdf(d1 - deviation)
    left_out = float(black_price(*arguments)[0])
    named = float(black_price(*arguments, are_calls=jnp.array([True]))[0])
    delta = float(delta_black(*[argument[0] for argument in arguments]))
    seen[years, rate] = left_out, named, float(bs_price(*arguments)[0]), formula, delta
    values = seen[years, rate]
    print(f"{years:5.0f}{rate:7.2f}{values[0]:21.2f}{values[1]:19.2f}{values[2]:11.2f}{formula:10.2f}{delta:19.2f}")
right = all(abs(values[2] - values[3]) < 0.01 for values in seen.values())
free = np.allclose(seen[1.0, 0.0][:3], seen[1.0, 0.0][3], atol=0.01)
left_out, named, _, formula, delta = seen[5.0, 0.10]
sys.exit(0 if right and free and left_out > 110 and delta > 2 and named < formula - 2 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
