#!/usr/bin/env bash
# A Rotation of jax from a rotation vector has the gradient NaN at no turn, which is where a fit of a pose starts.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A rotation vector is taken as the parameters of a pose because it is smooth around the identity: the derivative
#   of the turned point is a cross product there. One starts a fit at zeros and expects a gradient, as at any other
#   vector.
#
#   The gradient is NaN, forward and backward, through from_rotvec, and through as_rotvec and magnitude of the
#   identity, which are made from any parameters. The first step makes every parameter NaN. Values are right
#   everywhere, also for tiny angles, for which the source has a series of its own. Euler angles and from_mrp have a
#   gradient at zeros.
#
#   The source: `_from_rotvec`, `_as_rotvec` and `_magnitude` in jax/_src/scipy/spatial/transform.py take the length
#   of the vector by `_vector_norm`, a square root, whose derivative at 0 is 0/0. The series for an angle below 0.001
#   is of the square of that length, and the other branch of jnp.where divides by the length, so that both are spoilt
#   at 0.
#
# Output seen:
#                             NaN in the derivative at 0, at 1e-6     forward at 0    differences at 0
#   from_rotvec, apply              9 of  9        0 of  9        9 of  9         finite: True
#   from_rotvec, as_matrix         27 of 27        0 of 27       27 of 27         finite: True
#   from_quat, as_rotvec            9 of  9        0 of  9        9 of  9         finite: True
#   from_mrp, as_matrix             0 of 27        0 of 27        0 of 27         finite: True
#   from_euler, as_matrix           0 of 27        0 of 27        0 of 27         finite: True
#   a fit to [0.1, -0.2, 0.3] from zeros: [nan, nan, nan] and from 1e-6: ['0.10', '-0.20', '0.30']
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from jax.scipy.spatial.transform import Rotation

FUNCTIONS = {
    "from_rotvec, apply": lambda v: Rotation.from_rotvec(v).apply(jnp.array([1.0, 2.0, 3.0])),
    "from_rotvec, as_matrix": lambda v: Rotation.from_rotvec(v).as_matrix().ravel(),
    "from_quat, as_rotvec": lambda v: Rotation.from_quat(jnp.append(v, 1.0)).as_rotvec(),
    "from_mrp, as_matrix": lambda v: Rotation.from_mrp(v).as_matrix().ravel(),
    "from_euler, as_matrix": lambda v: Rotation.from_euler("xyz", v).as_matrix().ravel(),
}
seen = {}
print("                          NaN in the derivative at 0, at 1e-6     forward at 0    differences at 0")
for name, function in FUNCTIONS.items():
    counts = [int(jnp.isnan(jax.jacrev(function)(jnp.array([x, 0.0, 0.0]))).sum()) for x in (0.0, 1e-6)]
    forward = int(jnp.isnan(jax.jacfwd(function)(jnp.zeros(3))).sum())
    steps = [(function(jnp.eye(3)[i] * 1e-2) - function(-jnp.eye(3)[i] * 1e-2)) / 2e-2 for i in range(3)]
    total = jax.jacrev(function)(jnp.zeros(3)).size
    seen[name] = counts[0], counts[1], forward, total
    text = f"{counts[0]:3} of {total:2}{counts[1]:9} of {total:2}"
    print(f"{name:30}{text:30}{forward:3} of {total:2}         finite: {bool(np.isfinite(np.array(steps)).all())}")

points = jnp.array(np.random.RandomState(0).randn(5, 3), jnp.float32)
turned = Rotation.from_rotvec(jnp.array([0.1, -0.2, 0.3])).apply(points)


def loss(v):
    return jnp.sum((Rotation.from_rotvec(v).apply(points) - turned) ** 2)


def fit(v):
    gradient = jax.jit(jax.grad(loss))
    for _ in range(200):
        v = v - 0.02 * gradient(v)
    return v


fits = [np.asarray(fit(jnp.full(3, start))) for start in (0.0, 1e-6)]
print("a fit to [0.1, -0.2, 0.3] from zeros:", fits[0].tolist(), "and from 1e-6:", [f"{x:.2f}" for x in fits[1]])
nan = all(seen[name][0] == seen[name][2] == seen[name][3] for name in list(FUNCTIONS)[:3])
good = all(seen[name][0] == 0 for name in list(FUNCTIONS)[3:]) and all(row[1] == 0 for row in seen.values())
close = np.isnan(fits[0]).all() and np.abs(fits[1] - [0.1, -0.2, 0.3]).max() < 1e-2
sys.exit(0 if nan and good and close else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
