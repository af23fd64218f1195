#!/usr/bin/env bash
# The hypervolume of a Pareto front of qdax falls, even below 0, if a point is added that is worse than the reference.
#
# Date: 2026-11-30
#
# Versions: qdax 0.5.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The hypervolume is the area that a Pareto front dominates above a reference point. qdax's multi-objective metrics
#   score each cell and the whole repertoire by it. It never falls when a point is added, and a point that is worse than
#   the reference in one objective adds nothing.
#
#   compute_hypervolume subtracts such a point. With the reference (0, 0) the front (1, 3), (2, 2) has the area 5, and
#   with (3, -1) besides it is 4; with (3, -8) it is -3. So in a run the score goes down where the front gets wider. A
#   point that is worse in the first objective adds nothing, as is right, and the two are not exchanged by a swap of the
#   objectives. No error or warning tells.
#
#   The source: `compute_hypervolume` in qdax/utils/pareto_front.py sums width times height of the points in the order
#   of the first objective, and does not clip the height at 0.
#
# Output seen:
#   front                              a front   hypervolume   swapped   right
#   two points                            True          5.00      5.00    5.00
#   three points                          True          6.00      6.00    6.00
#   and one with a weak second            True          4.00      5.00    5.00
#   and one with a very weak second       True         -3.00      5.00    5.00
#   and one with a weak first             True          5.00      4.00    5.00
#   of 200 fronts on a circle 91 have a lower hypervolume than their points above the reference alone
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
packages=('qdax==0.5.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from qdax.utils.pareto_front import compute_hypervolume, compute_pareto_front

REFERENCE = np.zeros(2)
FRONTS = {
    "two points": [(1, 3), (2, 2)],
    "three points": [(1, 3), (2, 2), (3, 1)],
    "and one with a weak second": [(1, 3), (2, 2), (3, -1)],
    "and one with a very weak second": [(1, 3), (2, 2), (3, -8)],
    "and one with a weak first": [(1, 3), (2, 2), (-1, 4)],
}


def area(front):
    """The area above the reference, by counting small squares."""
    grid = (np.arange(800) + 0.5) / 100
    x, y = np.meshgrid(grid, grid, indexing="ij")
    return float(np.mean(np.any([(x < a) & (y < b) for a, b in front], axis=0)) * 64)


def volume(front):
    return float(compute_hypervolume(jnp.array(front, jnp.float32), jnp.array(REFERENCE, jnp.float32)))


seen = {}
print("front                              a front   hypervolume   swapped   right")
for name, front in FRONTS.items():
    valid = bool(compute_pareto_front(jnp.array(front, jnp.float32)).all())
    seen[name] = (valid, volume(front), volume([(b, a) for a, b in front]), area(front))
    print("{:34}{!s:>8}{:14.2f}{:10.2f}{:8.2f}".format(name, *seen[name]))

rng, lower = np.random.default_rng(0), 0
for _ in range(200):
    angles = np.sort(rng.uniform(-0.5, np.pi / 2 + 0.5, 6))
    front = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    front = front[np.asarray(compute_pareto_front(jnp.array(front, jnp.float32)))]
    better = front[(front > 0).all(axis=1)]
    if len(better) and volume(front) < volume(better) - 1e-4:
        lower += 1
print(f"of 200 fronts on a circle {lower} have a lower hypervolume than their points above the reference alone")
plain = all(abs(seen[name][i] - seen[name][3]) < 0.05 for name in ("two points", "three points") for i in (1, 2))
weak, very, first = (seen[name] for name in list(FRONTS)[2:])
wrong = weak[1] == 4 and very[1] == -3 and weak[3] > 4.9 and very[3] > 4.9 and abs(weak[2] - weak[3]) < 0.05
right = abs(first[1] - first[3]) < 0.05 and first[2] < 4.5
sys.exit(0 if all(row[0] for row in seen.values()) and plain and wrong and right and lower > 20 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
