#!/usr/bin/env bash
# The forward derivative of geojax's PoincareBall.exp at no step is 0.02 near the edge, where 1 is right; grad is NaN.
#
# Date: 2026-11-30
#
# Versions: geojax 0.1.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The exponential map goes from a point into the direction of a tangent vector, as far as the vector is long. So its
#   derivative by the vector, at the vector 0, is the identity, on each manifold. A fit in the tangent space starts
#   there, and so does a line search for a step.
#
#   On PoincareBall forward derivatives at 0 are too small by the factor 1 - |x|**2, without a word: 0.75 in the
#   middle of the disc, and 0.02 near its edge, where embeddings of trees have their leaves. Differences of the values
#   give 1. Reverse derivatives are NaN. On Sphere, Grassmann, SPDAffineInvariant, KendallShape, Hyperboloid,
#   ProbabilitySimplex and Oblique both are NaN, and on Stiefel, SPDBuresWasserstein, SPDLogEuclidean,
#   SpecialOrthogonal and Torus both are right.
#
#   The source: `exp` of PoincareBall in geojax/geometry/elementary.py takes the vector itself as the step of a Möbius
#   addition if it is shorter than eps, without the half of the conformal factor, 1 / (1 - |x|**2). The other branch
#   of its where has the norm of 0, whose reverse derivative is NaN. The values at 0 are right.
#
# Output seen:
#   PoincareBall, |x|    forward   reverse   difference   1 - |x|**2
#                0.00     1.0000       nan       1.0000       1.0000
#                0.50     0.7500       nan       1.0000       0.7500
#                0.90     0.1900       nan       1.0000       0.1900
#                0.99     0.0199       nan       1.0000       0.0199
#   Sphere                   nan       nan       1.0000
#   Grassmann                nan       nan       1.0000
#   SPDAffineInvariant       nan       nan       1.0000
#   KendallShape             nan       nan       1.0000
#   Hyperboloid              nan       nan       1.0000
#   ProbabilitySimplex       nan       nan       1.0000
#   Oblique                  nan       nan       1.0000
#   Stiefel               1.0000    1.0000       1.0000
#   SPDBuresWasserstein   1.0000    1.0000       1.0000
#   SPDLogEuclidean       1.0000    1.0000       1.0000
#   SpecialOrthogonal     1.0000    1.0000       1.0000
#   Torus                 1.0000    1.0000       1.0000
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
packages=('geojax==0.1.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import geojax
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def derivatives(manifold, x, v):
    """Along v, at the vector 0: forward, reverse, and by a difference, each in parts of v."""
    size = jnp.vdot(v, v)
    forward = jax.jvp(lambda s: manifold.exp(x, s * v), (0.0,), (1.0,))[1]
    reverse = jax.grad(lambda s: jnp.vdot(v, manifold.exp(x, s * v)))(0.0)
    h = 1e-5
    difference = (manifold.exp(x, h * v) - manifold.exp(x, -h * v)) / (2 * h)
    return [float(value) for value in (jnp.vdot(v, forward) / size, reverse / size, jnp.vdot(v, difference) / size)]


ball = geojax.PoincareBall(2)
seen = {}
print("PoincareBall, |x|    forward   reverse   difference   1 - |x|**2")
for radius in (0.0, 0.5, 0.9, 0.99):
    x = jnp.array([radius, 0.0])
    seen[radius] = row = derivatives(ball, x, jnp.array([0.6, 0.8]) * (1 - radius**2) / 2)
    print(f"{radius:17.2f}{row[0]:11.4f}{row[1]:10.4f}{row[2]:13.4f}{1 - radius**2:13.4f}")
manifolds = {
    "Sphere": geojax.Sphere(4),
    "Grassmann": geojax.Grassmann((5, 2)),
    "SPDAffineInvariant": geojax.SPDAffineInvariant((3, 3)),
    "KendallShape": geojax.KendallShape((5, 3)),
    "Hyperboloid": geojax.Hyperboloid(3),
    "ProbabilitySimplex": geojax.ProbabilitySimplex(4),
    "Oblique": geojax.Oblique((4, 3)),
    "Stiefel": geojax.Stiefel((5, 2)),
    "SPDBuresWasserstein": geojax.SPDBuresWasserstein((3, 3)),
    "SPDLogEuclidean": geojax.SPDLogEuclidean((3, 3)),
    "SpecialOrthogonal": geojax.SpecialOrthogonal(3),
    "Torus": geojax.Torus(3),
}
others = {}
for name, manifold in manifolds.items():
    x = manifold.random_point(jax.random.key(0))
    v = manifold.random_tangent(jax.random.key(1), x)
    others[name] = row = derivatives(manifold, x, v / manifold.norm(x, v))
    print(f"{name:20}{row[0]:8.4f}{row[1]:10.4f}{row[2]:13.4f}")
wrong = all(abs(row[0] - (1 - radius**2)) < 1e-6 and np.isnan(row[1]) for radius, row in seen.items())
right = all(abs(row[2] - 1) < 1e-4 for row in (*seen.values(), *others.values()))
lost = all(np.isnan(row[:2]).all() for row in list(others.values())[:7])
fine = all(np.allclose(row, 1, atol=1e-4) for row in list(others.values())[7:])
sys.exit(0 if wrong and right and lost and fine else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
