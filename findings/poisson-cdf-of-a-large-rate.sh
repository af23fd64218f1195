#!/usr/bin/env bash
# jax.scipy.stats.poisson.cdf is -0.37 at a million, and -3520 at ten million.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The probability that a count is no larger than its own rate is a little over a half. Counts of a million are
#   common (photons, reads of a sequencer, clicks), and float32 holds them exactly, so one expects some lost
#   digits.
#
#   jax.scipy.stats.poisson.cdf(1e6, 1e6) is -0.37, a negative probability; at 1e7 it is -3520, and at 1e8 it is
#   0.0001. It is already 8% off at 1e5. poisson.cdf is gammaincc(k + 1, mu), whose series and
#   continued fraction (jax/_src/lax/special.py) begin with exp(a log x - x - lgamma(a)); in float32 the terms
#   are large and cancel, and of the result no digit is left. Nothing warns. With jax_enable_x64 the values are
#   right to eight digits.
#
# Output seen:
#   rate    poisson.cdf(rate, rate)   right
#   1e3              0.508502   0.508409
#   1e4              0.502026   0.502660
#   1e5              0.542675   0.500841
#   1e6             -0.373657   0.500266
#   1e7              -3519.94   0.500084
#   1e8            0.00012534   0.500027
#   gammaincc(1e7, 1e7): 0.000396
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

from jax.scipy.special import gammaincc
from jax.scipy.stats import poisson
from scipy.stats import poisson as right

print("rate    poisson.cdf(rate, rate)   right")
got = {}
for power in (3, 4, 5, 6, 7, 8):
    rate = 10.0**power
    got[power] = float(poisson.cdf(rate, rate))
    print(f"1e{power}  {got[power]:20.6g}  {right.cdf(rate, rate):9.6f}")
print("gammaincc(1e7, 1e7):", round(float(gammaincc(1e7, 1e7)), 6))
sys.exit(0 if got[6] < 0 and got[7] < -1000 and got[5] > 0.53 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
