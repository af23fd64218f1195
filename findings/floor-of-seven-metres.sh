#!/usr/bin/env bash
# unxt divides 7 m by 300 cm with // to 0, where 2 is right, and jnp.degrees of 1 rad is 57.3 rad.
#
# Date: 2026-11-30
#
# Versions: unxt 2.0.6, quaxed 0.10.7, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, astropy 8.0.2, Python 3.12, CPU.
#
# Behaviour:
#   A quantity of unxt is an array with a unit. Sums, comparisons, / and % bring both operands to one unit. One expects
#   of // that it counts how often 300 cm go into 7 m, which is 2, that q // d * d + q % d is q again, and that a change
#   of units before the division changes nothing. astropy, whose units unxt has, answers 2.
#
#   unxt answers 0 m / cm, which is 0. For 7 m // 3 m it answers 2. The remainder, 1 m, is right, and so is /. By // 50
#   cm the answer is 0 as well, where 14 is right. degrees and rad2deg of the quantity 1 rad are 57.3 with the unit rad,
#   so 3,283 degrees. No error or warning tells.
#
#   The source: jax takes the remainder off, divides 6 m by 300 cm, which is 0.02 m / cm, and rounds. The rules of unxt
#   for floor and round, in unxt/_src/quantity/register_primitives.py, keep the unit of what they round, so that 0.02
#   becomes 0. The degrees come from a product with 180 / pi, which keeps the unit of the angle.
#
# Output seen:
#   q = 7 m     q // d as a number   right   q // d * d + q % d in m   astropy
#   d =     3 m                    2       2                       7.0         2
#   d =   300 cm                   0       2                       1.0         2
#   d =    50 cm                   0      14                       0.0        14
#   d = 0.002 km                   3       3                       7.0         3
#   degrees of 1 rad: 57.3 rad, which is 3283 degrees
#   rad2deg of 1 rad: 57.3 rad, which is 3283 degrees
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
  'unxt==2.0.6'
  'unxt-api==2.0.0'
  'quaxed==0.10.7'
  'quax==0.4.6'
  'jax==0.12.0.1'
  'jaxlib==0.12.0.1'
  'numpy==2.5.5'
  'astropy==8.0.2'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import astropy.units
import jax.numpy as jnp
import quaxed.numpy as qnp
import unxt

length = unxt.Q(jnp.array(7.0), "m")
seen = []
print("q = 7 m     q // d as a number   right   q // d * d + q % d in m   astropy")
for number, unit, right in ((3, "m", 2), (300, "cm", 2), (50, "cm", 14), (0.002, "km", 3)):
    step = unxt.Q(jnp.array(float(number)), unit)
    times = length // step
    back = (times * step + length % step).uconvert("m").value
    of_astropy = 7 * astropy.units.m // (number * astropy.units.Unit(unit))
    seen.append((float(times.uconvert("").value), round(float(back), 3), float(of_astropy) == right))
    print(f"d = {number:5} {unit:2}{seen[-1][0]:20.0f}{right:8}{back:26.1f}{float(of_astropy):10.0f}")
angle = unxt.Q(jnp.array(1.0), "rad")
for name in ("degrees", "rad2deg"):
    found = getattr(qnp, name)(angle)
    seen.append((str(found.unit), round(float(found.uconvert("deg").value))))
    print(f"{name} of 1 rad: {float(found.value):.1f} {found.unit}, which is {seen[-1][1]} degrees")
right = seen[0] == (2, 7, True)
wrong = [each[0] for each in seen[1:3]] == [0, 0] and all(each[2] for each in seen[:4])
sys.exit(0 if right and wrong and seen[4] == seen[5] == ("rad", 3283) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
