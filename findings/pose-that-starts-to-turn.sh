#!/usr/bin/env bash
# jaxlie.SE3.exp moves twice as far to the side as it should in a small turn, and has twice the gradient at no turn.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, jaxlie 1.5.0, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   jaxlie.SE3.exp is the exponential map of rigid motions: a straight motion of 1,000 m with a turn of t radians on the
#   way is an arc, and ends 1,000 * (1 - cos(t)) / t to the side, which is 500 t for a small t. One expects that, and
#   its derivative of 500 by the turn at 0, where each fit of a pose starts. SE2.exp has it.
#
#   The side of SE3.exp is 1,000 t for each turn below 0.0032 in float32: 3 m at 0.003, where 1.5 m is right, and 1.64 m
#   at 0.0033. The derivative is 1,000 from 0 on. SE3.log has the right formula, so that log(exp(v)) is not v there.
#   float64 has the same below a turn of 1e-5, so with it too the derivative at no turn is wrong. The matrix of jlog,
#   which is computed in another way, is right.
#
#   The source: `_SO3_jac_left` in jaxlie/_so3.py takes the rotation matrix for a small angle, which is I + S, where the
#   left Jacobian is I + S / 2; `_SO3_jac_left_inv` has I - S / 2. The bound of `get_epsilon` is 1e-5 for float32, and
#   it is compared with the squared angle.
#
# Output seen:
#                turn   side in m       right    derivative       right    side of log(exp(v))
#   float32        0.0    0.000000    0.000000       1000.00      500.00               0.000000
#   float32      1e-06    0.001000    0.000500       1000.00      500.00               0.000500
#   float32      0.001    1.000000    0.500000       1000.00      500.00               0.500000
#   float32      0.003    2.999996    1.499999       1000.00      500.00               1.500000
#   float32     0.0033    1.643643    1.649999        501.92      500.00              -0.006355
#   float32        0.1   49.958225   49.958347        498.75      498.75              -0.000122
#   float32        1.0  459.697723  459.697694        381.77      381.77               0.000050
#   float64        0.0    0.000000    0.000000       1000.00      500.00               0.000000
#   float64      1e-06    0.001000    0.000500       1000.00      500.00               0.000500
#   float64      0.001    0.500000    0.500000        500.00      500.00              -0.000000
#   float64      0.003    1.499999    1.499999        500.00      500.00              -0.000000
#   float64     0.0033    1.649999    1.649999        500.00      500.00              -0.000000
#   float64        0.1   49.958347   49.958347        498.75      498.75              -0.000000
#   float64        1.0  459.697694  459.697694        381.77      381.77               0.000000
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
import numpy as np

METRES = 1000.0


def right(turn):
    """The way to the side, and its derivative by the turn."""
    if turn < 1e-4:
        return METRES * turn / 2, METRES / 2
    side = (1 - np.cos(turn)) / turn
    return METRES * side, METRES * (np.sin(turn) - side) / turn


def row(turn, dtype):
    def side(turn):
        return jaxlie.SE3.exp(jnp.zeros(6, dtype).at[0].set(METRES).at[5].set(turn)).translation()[1]

    def back(turn):
        return jaxlie.SE3.exp(jnp.zeros(6, dtype).at[0].set(METRES).at[5].set(turn)).log()[1]

    turn = jnp.asarray(turn, dtype)
    return float(side(turn)), float(jax.grad(side)(turn)), float(back(turn))


seen = {}
print("             turn   side in m       right    derivative       right    side of log(exp(v))")
for dtype in (jnp.float32, jnp.float64):
    for turn in (0.0, 1e-6, 1e-3, 3e-3, 3.3e-3, 1e-1, 1.0):
        with jax.enable_x64(dtype is jnp.float64):
            seen[dtype, turn] = row(turn, dtype)
        side, slope, back = seen[dtype, turn]
        want = right(turn)
        print(f"{dtype.__name__:9} {turn:8.6} {side:11.6f} {want[0]:11.6f} {slope:13.2f} {want[1]:11.2f} {back:22.6f}")


def twice(turn, dtype):
    side, slope, _ = seen[dtype, turn]
    want = right(turn)
    return abs(slope / want[1] - 2) < 0.01 and abs(side - 2 * want[0]) <= 0.01 * want[0]


def close(turn, dtype):
    side, slope, _ = seen[dtype, turn]
    want = right(turn)
    return abs(slope / want[1] - 1) < 0.01 and abs(side / want[0] - 1) < 0.01


wrong = [(t, jnp.float32) for t in (0.0, 1e-6, 1e-3, 3e-3)] + [(t, jnp.float64) for t in (0.0, 1e-6)]
rest = [(t, jnp.float32) for t in (3.3e-3, 1e-1, 1.0)] + [(t, jnp.float64) for t in (1e-3, 3e-3, 3.3e-3, 1e-1, 1.0)]
sys.exit(0 if all(twice(*case) for case in wrong) and all(close(*case) for case in rest) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
