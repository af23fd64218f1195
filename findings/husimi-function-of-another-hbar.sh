#!/usr/bin/env bash
# jaxquantum.qfunc integrates to 2 with g=sqrt(2) and to 4 with g=1, where 1 is right, and to 0 above 170 photons.
#
# Date: 2026-11-30
#
# Versions: jaxquantum 0.3.0, qutip 5.3.1, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, matplotlib 3.11.2,
#   Python 3.12, CPU.
#
# Behaviour:
#   The Husimi function of a state is a probability density over phase space. So is the Wigner function, but for its
#   negative parts: both integrate to 1. g is the scale of the axes, which stands for a choice of hbar; the docstrings
#   of jaxquantum's wigner and qfunc have it in the same words, and those of qutip.
#
#   qfunc integrates to 1 with g=2, the default, alone. With g=sqrt(2), which is qutip's default and hbar = 1, it
#   integrates to 2, and with g=1 to 4: g scales the axes and not the density. jaxquantum's wigner and qutip's qfunc
#   integrate to 1 with each g. A mean photon number from such a Q is as many times too large. A state of 180 photons
#   has a Q that is 0 everywhere, even with g=2, where qutip's is right.
#
#   The source: `qfunc` in jaxquantum/core/qp_distributions.py leaves out the factor g**2 / 4. It divides by the root
#   of the factorial, which is inf in float64 from 171 on.
#
# Output seen:
#   integral over the plane      jaxquantum             qutip
#                            wigner    qfunc    wigner    qfunc
#   g = 2                    1.0000   1.0000    1.0000   1.0000
#   g = sqrt(2)              1.0000   2.0000    1.0000   1.0000
#   g = 1                    1.0000   4.0000    1.0000   1.0000
#   160 photons, g = 2                   1.0000             1.0000
#   170 photons, g = 2                   1.0000             1.0000
#   171 photons, g = 2                   0.0000             1.0000
#   180 photons, g = 2                   0.0000             1.0000
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
  'jaxquantum==0.3.0' 'qutip==5.3.1' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1'
  'matplotlib==3.11.2'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import math
import sys

import jax.numpy as jnp
import jaxquantum as jqt
import numpy as np
import qutip

AXIS = np.linspace(-12, 12, 241)
CELL = (AXIS[1] - AXIS[0]) ** 2
ours, theirs = jqt.coherent(30, 1 + 0.5j), qutip.coherent(30, 1 + 0.5j)
seen = {}
print("integral over the plane      jaxquantum             qutip")
print("                         wigner    qfunc    wigner    qfunc")
for name, g in (("2", 2.0), ("sqrt(2)", math.sqrt(2)), ("1", 1.0)):
    fields = (
        jqt.wigner(ours, jnp.asarray(AXIS), jnp.asarray(AXIS), g=g),
        jqt.qfunc(ours, jnp.asarray(AXIS), jnp.asarray(AXIS), g=g),
        qutip.wigner(theirs, AXIS, AXIS, g=g),
        qutip.qfunc(theirs, AXIS, AXIS, g=g),
    )
    seen[name] = [float(np.asarray(field).sum() * CELL) for field in fields]
    print(f"g = {name:19}" + "".join(f"{value:{width}.4f}" for value, width in zip(seen[name], (8, 9, 10, 9))))
wide = np.linspace(-18, 18, 361)
photons = {}
for number in (160, 170, 171, 180):
    q = np.asarray(jqt.qfunc(jqt.basis(200, number), jnp.asarray(wide), jnp.asarray(wide)))
    other = qutip.qfunc(qutip.basis(200, number), wide, wide, g=2)
    photons[number] = [float(field.sum() * (wide[1] - wide[0]) ** 2) for field in (q, other)]
    print(f"{number} photons, g = 2{'':16}{photons[number][0]:9.4f}{'':10}{photons[number][1]:9.4f}")
right = all(abs(seen[g][i] - 1) < 1e-3 for g in seen for i in (0, 2, 3)) and abs(seen["2"][1] - 1) < 1e-3
wrong = abs(seen["sqrt(2)"][1] - 2) < 1e-3 and abs(seen["1"][1] - 4) < 1e-3
lost = photons[180][0] == photons[171][0] == 0 and abs(photons[170][0] - 1) < 1e-3
sys.exit(0 if right and wrong and lost and abs(photons[180][1] - 1) < 1e-3 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
