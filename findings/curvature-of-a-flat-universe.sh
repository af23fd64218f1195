#!/usr/bin/env bash
# The slope of cosmologix's distances by Omega_k is wrong at 0, its default: -0.77 where -0.25 is right, at z = 2.
#
# Date: 2026-11-30
#
# Versions: cosmologix 1.0.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   cosmologix computes distances that can be differentiated by the parameters of a cosmology, and errors of these from
#   the Fisher matrix. All of its named cosmologies are flat: Omega_k is 0, which is where a fit of it begins and where
#   a forecast is made. The distances themselves are smooth there, from an open universe to a closed one.
#
#   Their derivatives are not, in both modes of jax: at exactly 0 the slope of the distance modulus is 3% too steep at
#   a redshift of 0.1, 50% at 1, and three times too steep at 2. At 1e-6 and -1e-6 it is right. So an error of Omega_k
#   that 60 supernovae give is 0.022 where 0.037 is right, if all else is known, and 0.41 where 0.17 is right, if the
#   density and the magnitude are fitted too.
#
#   The source: `dM` in cosmologix/distances.py takes another branch for a flat universe, the distance along the line
#   of sight. Its value is right at 0. But it has no derivative by the curvature of the space, which adds the third
#   power of the distance; that of the expansion alone is left.
#
# Output seen:
#   default Omega_k: 0.0
#   slope of mu by Omega_k at z =             0.1      0.5      1.0      2.0
#   jax.jacfwd at 0                     -0.1043  -0.4241  -0.6365  -0.7706
#   jax.jacrev at 0                     -0.1043  -0.4241  -0.6365  -0.7706
#   jax.jacfwd at 1e-6                  -0.1008  -0.3544  -0.4248  -0.2542
#   jax.jacfwd at -1e-6                 -0.1008  -0.3544  -0.4248  -0.2542
#   difference over 0.002               -0.1008  -0.3544  -0.4248  -0.2542
#   error of Omega_k of 60 supernovae, Omega_k alone: 0.0215 at 0, 0.0371 at 1e-6
#   error of Omega_k of 60 supernovae, with Omega_bc and a magnitude: 0.4079 at 0, 0.1659 at 1e-6
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
packages=('cosmologix==1.0.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from cosmologix import distances
from cosmologix.parameters import get_cosmo_params

start = get_cosmo_params("Planck18")
z = jnp.array([0.1, 0.5, 1.0, 2.0])
supernovae = jnp.linspace(0.05, 2.0, 60)


def modulus(curvature, z=z):
    return distances.mu({**start, "Omega_k": curvature}, z)


print(f"default Omega_k: {start['Omega_k']}")
print("slope of mu by Omega_k at z =             0.1      0.5      1.0      2.0")
slopes = {
    "jax.jacfwd at 0": jax.jacfwd(modulus)(0.0),
    "jax.jacrev at 0": jax.jacrev(modulus)(0.0),
    "jax.jacfwd at 1e-6": jax.jacfwd(modulus)(1e-6),
    "jax.jacfwd at -1e-6": jax.jacfwd(modulus)(-1e-6),
    "difference over 0.002": (modulus(1e-3) - modulus(-1e-3)) / 2e-3,
}
for name, slope in slopes.items():
    print(f"{name:34}" + "".join(f"{value:9.4f}" for value in slope))
errors = []
for name, matter in (("Omega_k alone", False), ("with Omega_bc and a magnitude", True)):

    def residuals(p, point):
        values = {**start, "Omega_k": p[0] + point}
        if matter:
            values["Omega_bc"] = start["Omega_bc"] + p[1]
        return (distances.mu(values, supernovae) + (p[2] if matter else 0.0)) / 0.1

    row = []
    for point in (0.0, 1e-6):
        jacobian = np.asarray(jax.jacfwd(residuals)(jnp.zeros(3), point))[:, : 3 if matter else 1]
        row.append(float(np.sqrt(np.linalg.inv(jacobian.T @ jacobian)[0, 0])))
    errors.append(row)
    print(f"error of Omega_k of 60 supernovae, {name}: {row[0]:.4f} at 0, {row[1]:.4f} at 1e-6")
wrong = slopes["jax.jacfwd at 0"]
right = slopes["difference over 0.002"]
same = all(np.allclose(slopes[name], right, rtol=1e-3) for name in ("jax.jacfwd at 1e-6", "jax.jacfwd at -1e-6"))
off = np.asarray(wrong / right)
bad = (off[1:] > 1.15).all() and off[-1] > 2.5 and errors[0][0] < 0.8 * errors[0][1]
sys.exit(0 if same and bad and start["Omega_k"] == 0 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
