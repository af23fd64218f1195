#!/usr/bin/env bash
# The gradient of jaxlie.SE2 is twice too large for a turn of 0.0001, and log(exp(v)) loses 2 cm of a way of 1,000 m.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, jaxlie 1.5.0, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   jaxlie.SE2 is the group of motions in the plane, and log is the inverse of exp. A robot that drives 1,000 m with a
#   turn of t radians ends 1,000 * (1 - cos(t)) / t to the side, whose derivative by t is 500 for each small turn. The
#   module has a Taylor series for small turns, so one expects no loss there.
#
#   In float32 the side at a turn of 0.0001 is 0, where 5 cm is right, and its derivative is 1,000. At 0.001 it is 47.7
#   cm, where 50 is right. log(exp(v)) is not v then, and its derivative by the turn, which is to be 0 for the way, is
#   500 at 0.0001 and 35 at 0.01. Below 0.00001, and with 64 bits, all is right to three digits.
#
#   The source: `_SE2_jac_left` in jaxlie/_se2.py divides 1 - cos(theta) by theta, where 1 - cos has no digits left
#   below 3e-4, and takes its series only below |theta| = 1e-5, a bound that suits the square of the angle.
#   `_SE2_jac_left_inv` divides by cos(theta) - 1. A quotient of sines of the half angle would lose nothing.
#
# Output seen:
#                 turn  side in m  derivative   log(exp(v)): side   derivative of the way
#   float32        0.0     0.0000      500.00             0.00000                   0.000
#   float32      5e-06     0.0025      500.00             0.00000                   0.000
#   float32     0.0001     0.0000     1000.00            -0.05000                 500.000
#   float32     0.0003     0.1987      337.73             0.04868                 162.274
#   float32      0.001     0.4768      523.16            -0.02316                  23.163
#   float32      0.004     1.9968      500.81            -0.00324                   0.810
#   float32       0.01     5.0008      499.90             0.00000                  34.851
#   float32        0.1    49.9582      498.75            -0.00000                   0.048
#   float32        1.0   459.6977      381.77            -0.00001                   0.000
#   float64        0.0     0.0000      500.00             0.00000                   0.000
#   float64      5e-06     0.0025      500.00             0.00000                   0.000
#   float64     0.0001     0.0500      500.00            -0.00000                   0.105
#   float64     0.0003     0.1500      500.00            -0.00000                   0.007
#   float64      0.001     0.5000      500.00             0.00000                   0.000
#   float64      0.004     2.0000      500.00            -0.00000                   0.000
#   float64       0.01     5.0000      499.99            -0.00000                   0.000
#   float64        0.1    49.9583      498.75             0.00000                   0.000
#   float64        1.0   459.6977      381.77             0.00000                   0.000
#   right at 0.0001: 0.05, 500, 0 and 0
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'jaxlie==1.5.0' 'numpy==2.5.5')
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
import jaxlie

METRES = 1000.0


def row(turn, dtype):
    def pose(turn):
        return jaxlie.SE2.exp(jnp.zeros(3, dtype).at[0].set(METRES).at[2].set(turn))

    turn = jnp.asarray(turn, dtype)
    side, slope = jax.value_and_grad(lambda turn: pose(turn).translation()[1])(turn)
    drift = jax.jacfwd(lambda turn: pose(turn).log())(turn)
    return float(side), float(slope), float(pose(turn).log()[1]), float(jnp.abs(drift[:2]).max())


seen = {}
print("              turn  side in m  derivative   log(exp(v)): side   derivative of the way")
for dtype in (jnp.float32, jnp.float64):
    for turn in (0.0, 5e-6, 1e-4, 3e-4, 1e-3, 4e-3, 1e-2, 1e-1, 1.0):
        with jax.enable_x64(dtype is jnp.float64):
            seen[dtype, turn] = row(turn, dtype)
        side, slope, back, drift = seen[dtype, turn]
        print(f"{dtype.__name__:9} {turn:8.6} {side:10.4f} {slope:11.2f} {back:19.5f} {drift:23.3f}")
print("right at 0.0001: 0.05, 500, 0 and 0")
single = {turn: row for (dtype, turn), row in seen.items() if dtype is jnp.float32}
double = {turn: row for (dtype, turn), row in seen.items() if dtype is jnp.float64}
slopes = single[1e-4][0] == 0 and single[1e-4][1] > 990 and single[3e-4][1] < 400 and single[1e-3][1] > 515
lost = abs(single[1e-3][2]) > 0.02 and single[1e-4][3] > 400 and single[1e-2][3] > 10
safe = abs(single[0.0][1] - 500) < 1e-3 and single[0.0][3] == 0 and abs(single[5e-6][1] - 500) < 1
exact = all(row[3] < 1 and abs(row[1] - 500) < 5 for turn, row in double.items() if turn < 0.05)
sys.exit(0 if slopes and lost and safe and exact else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
