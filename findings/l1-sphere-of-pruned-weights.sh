#!/usr/bin/env bash
# optax.projections.projection_l1_sphere leaves weights with zeros inside of the sphere, with a norm of 0.4, not 1.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   The projection is the nearest point whose absolute values sum to `scale`. One expects that sum for each input.
#
#   A vector inside of the sphere with zeros in it, such as pruned weights or a gradient through a relu, does not get
#   there. (0.1, 0, 0) becomes (0.4, 0, 0), with a norm of 0.4. Its nearest points on the sphere are (0.4, 0.3, 0.3) and
#   those with other signs of 0.3. A vector of zeros stays 0. The result is neither feasible nor a fixed point: the
#   projection of the projection is another point again. A zero that is replaced by 1e-30 gives the right answer, and so
#   does a vector outside of the sphere.
#
#   The source: `projection_l1_sphere` in optax/projections/_projections.py projects the absolute values onto the
#   simplex, which lifts the zeros to 0.3, and multiplies with `jnp.sign` of the input, which is 0 there.
#
# Output seen:
#   weights                    projection                      l1 norm  again   a nearest point
#   (0.1, 0, 0)                [0.4, 0.0, 0.0]                   0.400  0.600   [0.4, 0.3, 0.3]
#   (0.1, 1e-30, 1e-30)        [0.4, 0.3, 0.3]                   1.000  1.000   [0.4, 0.3, 0.3]
#   (0, 0, 0)                  [0.0, 0.0, 0.0]                   0.000  0.000   [0.333, 0.333, 0.333]
#   (0.2, -0.1, 0, 0)          [0.375, -0.275, 0.0, 0.0]         0.650  0.825   [0.375, -0.275, 0.175, 0.175]
#   (0.2, -0.1, 0.05, -0.01)   [0.36, -0.26, 0.21, -0.17]        1.000  1.000   [0.36, -0.26, 0.21, -0.17]
#   (2, -1, 0, 0)              [1.0, -0.0, 0.0, 0.0]             1.000  1.000   [1.0, 0.0, 0.0, 0.0]
#   a layer with half of its kernel pruned and a bias of 0 has the norm 0.272
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'optax==0.2.8')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import itertools
import sys

import jax.numpy as jnp
import numpy as np
import optax

project = optax.projections.projection_l1_sphere
VECTORS = {
    "(0.1, 0, 0)": [0.1, 0.0, 0.0],
    "(0.1, 1e-30, 1e-30)": [0.1, 1e-30, 1e-30],
    "(0, 0, 0)": [0.0, 0.0, 0.0],
    "(0.2, -0.1, 0, 0)": [0.2, -0.1, 0.0, 0.0],
    "(0.2, -0.1, 0.05, -0.01)": [0.2, -0.1, 0.05, -0.01],
    "(2, -1, 0, 0)": [2.0, -1.0, 0.0, 0.0],
}


def nearest(vector):
    """The nearest point of the sphere: on one of its faces, each a simplex with signs."""
    best = None
    for signs in itertools.product((1, -1), repeat=len(vector)):
        flipped = np.array(signs) * vector
        ordered = np.sort(flipped)[::-1]
        excess = (np.cumsum(ordered) - 1) / np.arange(1, len(vector) + 1)
        count = np.flatnonzero(ordered > excess)[-1]
        point = np.array(signs) * np.maximum(flipped - excess[count], 0)
        if best is None or np.linalg.norm(point - vector) < np.linalg.norm(best - vector) - 1e-12:
            best = point
    return best


seen = {}
print("weights                    projection                      l1 norm  again   a nearest point")
for name, values in VECTORS.items():
    vector = np.array(values, np.float32)
    once = project(jnp.asarray(vector))
    twice = project(once)
    right = nearest(vector.astype(np.float64))
    norm, again = float(jnp.abs(once).sum()), float(jnp.abs(twice).sum())
    seen[name] = norm, again, float(np.abs(right).sum())
    point = str([round(float(x), 3) for x in once])
    print(f"{name:26} {point:32} {norm:6.3f} {again:6.3f}   {np.round(right, 3).tolist()}")

tree = {"kernel": jnp.array([[0.02, 0.0], [-0.01, 0.0]]), "bias": jnp.zeros(4)}
norm = float(optax.tree.norm(project(tree), ord=1))
print("a layer with half of its kernel pruned and a bias of 0 has the norm", round(norm, 3))
short = seen["(0.1, 0, 0)"][0] < 0.5 and seen["(0, 0, 0)"][0] == 0 and seen["(0.2, -0.1, 0, 0)"][0] < 0.8
full = ("(0.1, 1e-30, 1e-30)", "(0.2, -0.1, 0.05, -0.01)", "(2, -1, 0, 0)")
right = all(abs(seen[name][0] - 1) < 1e-5 for name in full) and all(abs(row[2] - 1) < 1e-9 for row in seen.values())
sys.exit(0 if short and right and norm < 0.5 and seen["(0.1, 0, 0)"][1] > 0.55 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
