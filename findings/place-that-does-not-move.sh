#!/usr/bin/env bash
# vsax.shift_scene moves nothing: an apple at (1, 2) that is shifted by (1, -0.5) is found at (0, 2), not (2, 1.5).
#
# Date: 2026-11-30
#
# Versions: vsax 1.4.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   vsax encodes a place as X**x bound to Y**y, where X and Y are vectors of random phases. Its docstrings say that
#   exponents add up in a binding: so shift_scene moves all objects of a scene, unbind_dimension takes one coordinate
#   out of a place, and the powers r and -r cancel each other.
#
#   None of that holds. X bound to X**2 is as unlike X**3 as a random vector is. A shifted apple is found neither at its
#   old place nor at the new one, and decode_location gives some point of its grid without a word. The place (1, 2)
#   without its x has nothing of Y**2. It is hidden by what works: an object that is bound to a place is found there.
#   With products of the phases in the place of the binding, which is how powers of phases add up, all is 1.
#
#   The source: `bind` in vsax/ops/fhrr.py is a circular convolution, a product after a Fourier transform. But the
#   vectors, which `create_fhrr_model` makes, have their phases before it, and `fractional_power` turns those. So the
#   power and the binding belong to different forms of one vector.
#
# Output seen:
#   similarity (1 is equal, 0 unrelated)                   vsax   by products
#   X bound to X**2, with X**3                            0.036         1.000
#   apple bound to X**1.5 and X**-1.5, with apple        -0.007         1.000
#   the place (1, 2) without its x, with Y**2            -0.030         1.000
#   what is at (1, 2), with apple                         1.000         1.000
#   after the shift, what is at (1, 2), with apple        0.032         0.036
#   after the shift, what is at (2, 1.5), with apple      0.027         1.000
#   where the apple is: [1.0, 2.0] at first, and [0.0, 2.0] after the shift, where [2.0, 1.5] is right
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
packages=('vsax==1.4.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
import vsax
from vsax.similarity import cosine_similarity
from vsax.spatial import SpatialSemanticPointers, SSPConfig

DIM = 1024
OLD, SHIFT, NEW = (1.0, 2.0), (1.0, -0.5), (2.0, 1.5)
model = vsax.create_fhrr_model(dim=DIM, key=jax.random.PRNGKey(0))
memory = vsax.VSAMemory(model)
space = SpatialSemanticPointers(model, memory, SSPConfig(dim=DIM, num_axes=2))
memory.add("apple")
x, y, apple = (memory[name].vec for name in ("x", "y", "apple"))
bind, power = model.opset.bind, model.opset.fractional_power


def place(coordinates):
    """By products of phases."""
    angles = jnp.angle(x) * coordinates[0] + jnp.angle(y) * coordinates[1]
    return jnp.exp(1j * angles)


seen = []


def show(name, pair, other):
    seen.append((cosine_similarity(*pair), cosine_similarity(*other)))
    print(f"{name:51}{seen[-1][0]:8.3f}{seen[-1][1]:14.3f}")


print("similarity (1 is equal, 0 unrelated)                   vsax   by products")
cube = power(x, 3.0)
show("X bound to X**2, with X**3", (bind(x, power(x, 2.0)), cube), (x * power(x, 2.0), cube))
inverse = bind(bind(power(x, 1.5), power(x, -1.5)), apple)
show("apple bound to X**1.5 and X**-1.5, with apple", (inverse, apple), (power(x, 1.5) * power(x, -1.5) * apple, apple))
rest = space.encoder.unbind_dimension(space.encode_location(list(OLD)), "x", OLD[0]).vec
wanted = space.encoder.encode("y", OLD[1]).vec
other = place(OLD) * place((-OLD[0], 0))
show("the place (1, 2) without its x, with Y**2", (rest, wanted), (other, place((0, OLD[1]))))
scene = space.bind_object_location("apple", list(OLD))
show("what is at (1, 2), with apple", (space.query_location(scene, list(OLD)).vec, apple), (apple, apple))
shifted = space.shift_scene(scene, list(SHIFT))
moved = apple * place(OLD) * place(SHIFT)
for where in (OLD, NEW):
    pair = space.query_location(shifted, list(where)).vec, apple
    text = ", ".join(f"{value:g}" for value in where)
    show(f"after the shift, what is at ({text}), with apple", pair, (moved * place(where).conj(), apple))
found = space.decode_location(space.query_object(shifted, "apple"), [(0.0, 4.0), (0.0, 4.0)], 17)
still = space.decode_location(space.query_object(scene, "apple"), [(0.0, 4.0), (0.0, 4.0)], 17)
print(f"where the apple is: {still} at first, and {found} after the shift, where {list(NEW)} is right")
lost = all(abs(seen[i][0]) < 0.2 for i in (0, 1, 2, 4, 5))
right = all(seen[i][1] > 0.99 for i in (0, 1, 2, 3, 5)) and seen[3][0] > 0.9 and tuple(still) == OLD
sys.exit(0 if lost and right and max(abs(a - b) for a, b in zip(found, NEW)) > 0.5 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
