#!/usr/bin/env bash
# jax-md gives a molecule of water 7.5 times its kinetic energy: three masses weigh the axes x, y and z, not the atoms.
#
# Date: 2026-11-30
#
# Versions: jax-md 0.2.29, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.4.6, Python 3.12, CPU.
#
# Behaviour:
#   The simulations of jax-md take the masses as an array of shape [n], one for each atom. kinetic_energy, temperature
#   and stress of jax_md.quantity have an argument mass, an array of the masses of the constituents.
#
#   An array of shape [n] is a ValueError there for two atoms and for four. For three it is taken, and gives another
#   energy: that with the first mass for all movement along x, the second along y and the third along z. A molecule of
#   water with the energy 2.3 has 17.4, and 3.3 after it is turned. The temperature and the stress are wrong in the same
#   way. The energy and the temperature are right with masses of shape [n, 1], as the state of a simulation has them. In
#   two dimensions it happens to two atoms.
#
#   The source: the three functions in jax_md/quantity.py multiply the mass with arrays whose last axis is that of
#   space. They do not reshape it, which `canonicalize_mass` of jax_md/simulate.py does for the simulations.
#
# Output seen:
#               kinetic energy                                        temperature           stress, first axis
#   molecule    right      jax_md  all turned  mass[:, None]    right      jax_md     right      jax_md
#   O2          4.499  ValueError  ValueError          4.499    1.500  ValueError     7.007  ValueError
#   H2O         2.319      17.408       3.332          2.319    0.515       3.869     2.573      33.123
#   CO2         1.787       1.647       1.937          1.787    0.397       0.366     2.685       2.218
#   NH3         5.062  ValueError  ValueError          5.062    0.844  ValueError     4.762  ValueError
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
packages=('jax-md==0.2.29' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.4.6')
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
from jax_md import quantity

generator = np.random.default_rng(0)
turn = np.linalg.qr(generator.normal(size=(3, 3)))[0]


def no_energy(position, **unused):
    return jnp.sum(position) * 0.0


def of_jax_md(function, *arguments, **options):
    try:
        return f"{float(function(*arguments, **options)):.3f}"
    except (TypeError, ValueError) as error:
        return type(error).__name__


def first_stress(mass, velocity):
    return quantity.stress(no_energy, velocity * 0.0, 1.0, mass=mass, velocity=velocity)[0, 0]


seen = {}
print("            kinetic energy                                        temperature           stress, first axis")
print("molecule    right      jax_md  all turned  mass[:, None]    right      jax_md     right      jax_md")
for name, mass in {
    "O2": [16.0, 16.0],
    "H2O": [16.0, 1.0, 1.0],
    "CO2": [12.0, 16.0, 16.0],
    "NH3": [14.0, 1.0, 1.0, 1.0],
}.items():
    mass = np.array(mass)
    velocity = generator.normal(size=(len(mass), 3)) / np.sqrt(mass)[:, None]
    right = (mass[:, None] * velocity**2).sum() / 2
    stress = (mass * velocity[:, 0] ** 2).sum()
    m, v, turned = jnp.array(mass), jnp.array(velocity), jnp.array(velocity @ turn)
    row = [
        of_jax_md(quantity.kinetic_energy, velocity=v, mass=m),
        of_jax_md(quantity.kinetic_energy, velocity=turned, mass=m),
        of_jax_md(quantity.kinetic_energy, velocity=v, mass=m[:, None]),
        of_jax_md(quantity.temperature, velocity=v, mass=m),
        of_jax_md(first_stress, m, v),
    ]
    seen[name] = right, stress, *row
    warm = 2 * right / velocity.size
    cells = f"{right:11.3f}{row[0]:>12}{row[1]:>12}{row[2]:>15}{warm:9.3f}{row[3]:>12}{stress:10.3f}{row[4]:>12}"
    print(f"{name:6}{cells}")
loud = all(seen[name][2] == seen[name][5] == seen[name][6] == "ValueError" for name in ("O2", "NH3"))
column = all(abs(float(row[4]) - row[0]) < 2e-3 for row in seen.values())
wrong = all(abs(float(seen[name][2]) / seen[name][0] - 1) > 0.05 for name in ("H2O", "CO2"))
turned = all(abs(float(seen[name][2]) / float(seen[name][3]) - 1) > 0.01 for name in ("H2O", "CO2"))
sys.exit(0 if loud and column and wrong and turned else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
