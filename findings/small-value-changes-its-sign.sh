#!/usr/bin/env bash
# rlax.signed_parabolic turns a value of 1e-5 into -6e-5 on its way back from signed_hyperbolic, and 1e-4 into 6e-5.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, rlax 0.1.9, distrax 0.1.9, Python 3.12, CPU.
#
# Behaviour:
#   signed_hyperbolic squashes the returns that a value network predicts, and signed_parabolic is its "inverse", a pair
#   that many agents use. Both are odd and increasing. One expects that a value comes back up to the rounding of
#   float32, and with its sign.
#
#   Values below 3e-5 come back with the other sign, as -6e-5, and 1e-4 comes back as 6e-5. The inverse is a staircase
#   with steps of 1.2e-4 there: it is constant between them, though its gradient is right. A task with small rewards, or
#   the advantage of one action over another, lies in that range. With an eps of 1e-5 the steps are 0.0156, and 1e-6
#   comes back as 0.0078. At 1 and above it is right, and so are the sibling pairs signed_logp1 and signed_expm1 at each
#   size.
#
#   The source: `signed_parabolic` in rlax/_src/transforms.py takes `sqrt(1 + 4 * eps * (eps + 1 + |x|)) / 2 / eps`,
#   near 501, minus 500, and then `square(z) - 1` of a number near 1. 2 * (eps + 1 + |x|) / (1 + sqrt(...)) does not
#   cancel.
#
# Output seen:
#      value   eps=1e-3: rlax   a stable inverse   eps=1e-5: rlax   a stable inverse   expm1 of logp1
#      1e-06       -6.104e-05          9.538e-07         0.007828          9.537e-07            1e-06
#      1e-05       -6.104e-05          1.001e-05         0.007828          1.001e-05            1e-05
#    2.5e-05       -6.104e-05          2.503e-05         0.007828          2.503e-05          2.5e-05
#     0.0001        6.104e-05           9.99e-05         0.007828           9.99e-05           0.0001
#     0.0002        0.0001831             0.0002         0.007828             0.0002           0.0002
#      0.001        0.0009768          0.0009999         0.007828          0.0009999            0.001
#      0.005          0.00495              0.005         0.007828              0.005            0.005
#        0.1          0.09991                0.1           0.1041                0.1              0.1
#          1           0.9998                  1           0.9996                  1                1
#        100              100                100              100                100              100
#      1e+05            1e+05              1e+05            1e+05              1e+05            1e+05
#   19 values of the inverse for 1,001 inputs from 0 to 0.001, and the gradient there is 1.997
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'rlax==0.1.9' 'distrax==0.1.9')
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
import rlax

VALUES = (1e-6, 1e-5, 2.5e-5, 1e-4, 2e-4, 1e-3, 0.005, 0.1, 1.0, 100.0, 1e5)


def stable(x, eps):
    """The inverse in float32 without the two differences: z - 1 is solved for, not z."""
    y = jnp.abs(x)
    z = 2 * (eps + 1 + y) / (1 + jnp.sqrt(1 + 4 * eps * (eps + 1 + y)))
    above_one = 2 * y / (1 + 2 * eps + jnp.sqrt(1 + 4 * eps * (eps + 1 + y)))
    return jnp.sign(x) * above_one * (z + 1)


seen = {}
print("   value   eps=1e-3: rlax   a stable inverse   eps=1e-5: rlax   a stable inverse   expm1 of logp1")
for value in VALUES:
    x = jnp.float32(value)
    row = []
    for eps in (1e-3, 1e-5):
        squashed = rlax.signed_hyperbolic(x, eps)
        row += [float(rlax.signed_parabolic(squashed, eps)), float(stable(squashed, eps))]
    row.append(float(rlax.signed_expm1(rlax.signed_logp1(x))))
    seen[value] = row
    print(f"{value:8.3g} {row[0]:16.4g} {row[1]:18.4g} {row[2]:16.4g} {row[3]:18.4g} {row[4]:16.4g}")
line = jnp.linspace(0, 1e-3, 1001)
steps = np.unique(np.asarray(jax.vmap(rlax.signed_parabolic)(line)))
slope = float(jax.grad(rlax.signed_parabolic)(jnp.float32(5e-4)))
print(len(steps), "values of the inverse for 1,001 inputs from 0 to 0.001, and the gradient there is", round(slope, 3))
flipped = all(seen[value][0] <= 0 for value in VALUES[:3]) and all(seen[value][2] > 0.007 for value in VALUES[:6])
off = abs(seen[1e-4][0] - 1e-4) > 3e-5
large = all(abs(seen[value][0] / value - 1) < 1e-3 for value in (1.0, 100.0, 1e5))
sound = all(abs(seen[value][i] / value - 1) < 0.06 for value in VALUES for i in (1, 3, 4))
sys.exit(0 if flipped and off and large and sound and abs(slope - 2) < 0.02 and len(steps) < 40 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
