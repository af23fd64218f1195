#!/usr/bin/env bash
# jax_md.quantity.phop of a jump of length 1 is 0.58 along an axis and 0.33 along the diagonal, where its formula has 1.
#
# Date: 2026-11-30
#
# Versions: jax-md 0.2.29, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.4.6, Python 3.12, CPU.
#
# Behaviour:
#   phop tells when a particle of a glass jumps to another place. The docstring gives its formula: the root of the
#   product of two means, of the square of the distance to the mean position afterwards, and of that to the mean
#   position before. It depends on distances alone, so the direction of the axes has no effect. For a jump of length 1
#   it is 1. A threshold between the noise and the length of a jump then counts the rearrangements.
#
#   That of jax_md is 0.58 for a jump of length 1 along an axis, and 0.33 for the same jump along the diagonal of the
#   cube. If the whole trajectory is turned, the values change. The same threshold finds jumps in some directions and
#   not in others, and thresholds of the literature find too few in each.
#
#   The source: `update_fn` of phop in jax_md/quantity.py multiplies the squares of each coordinate at each time of the
#   first half with those of the same coordinate in the second half, and takes one mean over times and coordinates. The
#   formula sums the coordinates and takes the two means first.
#
# Output seen:
#   a jump of length 1               phop of jax_md   its formula
#   along an axis                            0.577         1.000
#   along the diagonal of a face             0.408         1.000
#   along the diagonal of a cube             0.333         1.000
#   the first, with noise of 0.1             0.556         0.988
#   the same, all turned                     0.467         0.988
#   noise of 0.1 alone                       0.013         0.035
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

import jax
import jax.numpy as jnp
import numpy as np
from jax_md import quantity, space

WINDOW, STEPS, JUMP = 20, 60, 30
displacement = space.free()[0]
init, update = quantity.phop(displacement, WINDOW)
noise = 0.1 * np.random.default_rng(0).normal(size=(STEPS, 3))
turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]


def largest(path):
    """The largest phop of one particle on its way, by jax_md and by the formula."""
    state, values, formula = init(jnp.array(path[:1], jnp.float32)), [], []
    for position in path:
        state = update(state, jnp.array(position[None], jnp.float32))
        values.append(float(state.phop[0]))
    for end in range(WINDOW, STEPS + 1):
        before, after = path[end - WINDOW : end - WINDOW // 2], path[end - WINDOW // 2 : end]
        first = ((before - after.mean(0)) ** 2).sum(1).mean()
        second = ((after - before.mean(0)) ** 2).sum(1).mean()
        formula.append(np.sqrt(first * second))
    return max(values), max(formula)


print("a jump of length 1               phop of jax_md   its formula")
seen = {}
for name, direction in (
    ("along an axis", [1, 0, 0]),
    ("along the diagonal of a face", [1, 1, 0]),
    ("along the diagonal of a cube", [1, 1, 1]),
):
    direction = np.array(direction) / np.linalg.norm(direction)
    seen[name] = largest((np.arange(STEPS) >= JUMP)[:, None] * direction)
    print(f"{name:33}{seen[name][0]:13.3f}{seen[name][1]:14.3f}")
still = largest(noise)
path = noise + (np.arange(STEPS) >= JUMP)[:, None] * np.array([1, 0, 0])
moved, turned = largest(path), largest(path @ turn.T)
print(f"{'the first, with noise of 0.1':33}{moved[0]:13.3f}{moved[1]:14.3f}")
print(f"{'the same, all turned':33}{turned[0]:13.3f}{turned[1]:14.3f}")
print(f"{'noise of 0.1 alone':33}{still[0]:13.3f}{still[1]:14.3f}")
values = np.array(list(seen.values()))
right = np.allclose(values[:, 1], 1) and abs(moved[1] - turned[1]) < 1e-6
wrong = np.allclose(values[:, 0], [3**-0.5, 6**-0.5, 1 / 3], atol=1e-3) and moved[0] > 1.15 * turned[0]
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
