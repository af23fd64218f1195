#!/usr/bin/env bash
# elliptic-functions has no derivative by the parameter of an elliptic integral in jax: it is NaN, and 2% off in RJ.
#
# Date: 2026-11-30
#
# Versions: elliptic-functions 4.2.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, mpmath 1.4.1, array-api-compat 1.16.0,
#   Python 3.12, CPU.
#
# Behaviour:
#   elliptic-functions computes elliptic integrals on arrays of numpy, PyTorch and jax. The period of a pendulum, the
#   length of an ellipse and a filter are such functions of the parameter m or of a ratio of axes, and one takes jax
#   to differentiate by it.
#
#   The values are right to 15 digits, and so is the derivative of F by the angle. The derivative by the parameter is
#   NaN for each m, in forward and reverse mode, for F, E, the nome, theta functions and the length of an ellipse.
#   ellipj is right. carlsonRJ is worse: in forward mode its derivatives are numbers, but if p is equal to y they are
#   1% and 2% off, which is where Pi stands whose characteristic is equal to its parameter. In reverse mode they are
#   NaN.
#
#   The source: the complete integral is RF(0, 1 - m, 1), and `_rf_xp` in elliptic/carlson.py takes the root of 0 * (1
#   - m), whose derivative is NaN. F and E add the complete one, also 0 times. carlsonRJ adds up 100 values of RC, and
#   `_rc_xp` has a value of its own for two equal numbers, which does not depend on the second one.
#
# Output seen:
#   function                    value     right   derivative:  forward   reverse     right
#   F(0.8|m), m = 0.3         0.82432   0.82432                   nan       nan   0.08771
#   F(0.8|m), m = 0.9         0.88841   0.88841                   nan       nan   0.13185
#   E(0.8|m), m = 0.3         0.77691   0.77691                   nan       nan  -0.07902
#   nome, m = 0.3             0.02228   0.02228                   nan       nan   0.08911
#   theta_3(0.8), m = 0.3     0.99870   0.99870                   nan       nan  -0.00521
#   ellipse of axes 1, 0.3    4.38591   4.38591                   nan       nan   2.01929
#   RJ(0.2, 0.7, 1, p = y)    2.09128   2.09128              -1.90665       nan  -1.88701
#   RJ(0.2, y = p, 1, 0.7)    2.09128   2.09128              -0.92386       nan  -0.94350
#   RJ(0.2, 0.7, 1, 0.8)      1.92044   1.92044              -1.54773       nan  -1.54773
#   sn(0.8|m), m = 0.3        0.70157   0.70157              -0.05296  -0.05296  -0.05296
#   F(u|0.3), u = 0.8         0.82432   0.82432               1.08746   1.08746   1.08746
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
  'elliptic-functions==4.2.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'mpmath==1.4.1'
  'array-api-compat==1.16.0'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import sys

import elliptic
import jax
import jax.numpy as jnp
import mpmath
import numpy as np

CASES = {
    "F(0.8|m), m = 0.3": (lambda m: elliptic.elliptic12(0.8, m)[0], lambda m: mpmath.ellipf(0.8, m), 0.3),
    "F(0.8|m), m = 0.9": (lambda m: elliptic.elliptic12(0.8, m)[0], lambda m: mpmath.ellipf(0.8, m), 0.9),
    "E(0.8|m), m = 0.3": (lambda m: elliptic.elliptic12(0.8, m)[1], lambda m: mpmath.ellipe(0.8, m), 0.3),
    "nome, m = 0.3": (elliptic.nomeq, lambda m: mpmath.qfrom(m=m), 0.3),
    "theta_3(0.8), m = 0.3": (
        lambda m: elliptic.theta(3, 0.8, m),
        lambda m: mpmath.jtheta(3, 0.8, mpmath.qfrom(m=m)),
        0.3,
    ),
    "ellipse of axes 1, 0.3": (
        lambda b: elliptic.arclength_ellipse(1.0, b),
        lambda b: 4 * mpmath.ellipe(1 - b * b),
        0.3,
    ),
    "RJ(0.2, 0.7, 1, p = y)": (
        lambda p: elliptic.carlsonRJ(0.2, 0.7, 1.0, p),
        lambda p: mpmath.elliprj(0.2, 0.7, 1, p),
        0.7,
    ),
    "RJ(0.2, y = p, 1, 0.7)": (
        lambda y: elliptic.carlsonRJ(0.2, y, 1.0, 0.7),
        lambda y: mpmath.elliprj(0.2, y, 1, 0.7),
        0.7,
    ),
    "RJ(0.2, 0.7, 1, 0.8)": (
        lambda p: elliptic.carlsonRJ(0.2, 0.7, 1.0, p),
        lambda p: mpmath.elliprj(0.2, 0.7, 1, p),
        0.8,
    ),
    "sn(0.8|m), m = 0.3": (lambda m: elliptic.ellipj(0.8, m)[0], lambda m: mpmath.ellipfun("sn", 0.8, m=m), 0.3),
    "F(u|0.3), u = 0.8": (lambda u: elliptic.elliptic12(u, 0.3)[0], lambda u: mpmath.ellipf(u, 0.3), 0.8),
}
seen = {}
print("function                    value     right   derivative:  forward   reverse     right")
for name, (function, reference, at) in CASES.items():
    forward = jax.jvp(lambda x, f=function: jnp.sum(f(x)), (at,), (1.0,))
    reverse = jax.grad(lambda x, f=function: jnp.sum(f(x)))(at)
    slope = mpmath.diff(reference, at)
    row = [float(value) for value in (forward[0], reference(at), forward[1], reverse, slope)]
    seen[name] = row
    print(f"{name:23}{row[0]:10.5f}{row[1]:10.5f}{row[2]:22.5f}{row[3]:10.5f}{row[4]:10.5f}")
rows = list(seen.values())
right = all(abs(row[0] - row[1]) < 1e-9 for row in rows) and all(np.allclose(row[2:], row[4]) for row in rows[9:])
nothing = all(np.isnan(row[2:4]).all() for row in rows[:6]) and all(np.isnan(row[3]) for row in rows[6:9])
off = [row[2] / row[4] - 1 for row in rows[6:9]]
sys.exit(0 if right and nothing and 0.005 < off[0] < 0.02 and -0.03 < off[1] < -0.01 and abs(off[2]) < 1e-9 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
