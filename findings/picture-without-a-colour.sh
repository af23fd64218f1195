#!/usr/bin/env bash
# jaxkd's k-means of 300 pixels puts all into one cluster, if one mean once has no points; of 2,000 pixels it does not.
#
# Date: 2026-11-30
#
# Versions: jaxkd 0.1.2, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU (x86-64: the sign of a NaN decides).
#
# Behaviour:
#   The colours of a picture are to be reduced to a few. k-means starts with the eight corners of the colour cube. The
#   picture is warm, so that nothing is near to blue, cyan or green. One expects that such a mean stays where it is, or
#   becomes NaN for itself, and that the points go on to the other means.
#
#   After one step the means without points are NaN. With 300 pixels all points belong to one of these from the second
#   step on. Its mean is then the mean of the whole picture, and all others are NaN. No error tells. With 2,000 pixels
#   of the same kind, and with pairwise=False, which is the same algorithm with a tree, only the means without points
#   are NaN. pairwise=True is the default, and it is the way that is recommended for few means.
#
#   The source: `step` in `k_means_optimize` of jaxkd/extras.py divides a sum by a count that is 0.
#   `query_neighbors_pairwise` then looks for the least distance by jax.lax.top_k of -1 times the distances. top_k puts
#   a NaN without a sign before all numbers, and one with a sign after them. Which of the two the product is depends on
#   how XLA compiles it, and so on the size.
#
# Output seen:
#   pixels  steps  way             means of NaN  labels used
#      300      1  numpy                      0            3
#      300      1  pairwise=False             5            3
#      300      1  pairwise=True              5            3
#      300      2  numpy                      0            3
#      300      2  pairwise=False             5            3
#      300      2  pairwise=True              7            1
#      300     20  numpy                      0            3
#      300     20  pairwise=False             5            3
#      300     20  pairwise=True              7            1
#     2000      1  numpy                      0            3
#     2000      1  pairwise=False             5            3
#     2000      1  pairwise=True              5            3
#     2000      2  numpy                      0            3
#     2000      2  pairwise=False             5            3
#     2000      2  pairwise=True              5            3
#     2000     20  numpy                      0            3
#     2000     20  pairwise=False             5            3
#     2000     20  pairwise=True              5            3
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
packages=('jaxkd==0.1.2' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
import jaxkd
import numpy as np

corners = np.array(list(itertools.product((0, 1), repeat=3)), np.float32)


def picture(size):
    generator = np.random.RandomState(0)
    warmth = generator.rand(size)
    return np.stack([0.3 + 0.7 * warmth, 0.6 * warmth, 0.1 * generator.rand(size)], 1).astype(np.float32)


def by_hand(pixels, means, steps):
    for _ in range(steps):
        labels = np.argmin(((pixels[:, None] - means) ** 2).sum(-1), 1)
        groups = [pixels[labels == each] for each in range(len(means))]
        means = np.array([group.mean(0) if len(group) else old for group, old in zip(groups, means)])
    return means, labels


def row(size, steps, way, means, labels):
    lost = int(np.isnan(np.asarray(means)).any(1).sum())
    used = len(np.unique(np.asarray(labels)))
    print(f"{size:6}{steps:7}  {way:16}{lost:12}{used:13}")
    return lost, used


seen = {}
print("pixels  steps  way             means of NaN  labels used")
for size in (300, 2000):
    pixels = picture(size)
    for steps in (1, 2, 20):
        seen[size, steps, "numpy"] = row(size, steps, "numpy", *by_hand(pixels, corners, steps))
        for pairwise in (False, True):
            options = {"steps": steps, "pairwise": pairwise}
            found = jaxkd.extras.k_means_optimize(jnp.array(pixels), jnp.array(corners), **options)
            seen[size, steps, pairwise] = row(size, steps, f"pairwise={pairwise}", *found)
some = [found for key, found in seen.items() if key not in ((300, 2, True), (300, 20, True))]
fine = all(lost in (0, 5) and used == 3 for lost, used in some)
gone = seen[300, 2, True] == seen[300, 20, True] == (7, 1)
sys.exit(0 if fine and gone else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
