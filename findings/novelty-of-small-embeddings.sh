#!/usr/bin/env bash
# rlax's episodic reward is the same for the known and the new if the embeddings are small, and it jumps at one scale.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, rlax 0.1.9, distrax 0.1.9, Python 3.12, CPU.
#
# Behaviour:
#   episodic_memory_intrinsic_rewards gives a reward for states that are far from all that the memory holds. It divides
#   the squared distances by their running mean, as the paper that it names does, so that the unit of the embedding does
#   not matter. `constant` is a "small constant used for numerical stability", 0.001.
#
#   With embeddings of deviation 1 or 0.1 a known state has the reward 1.0 and a far one 70. With 0.007 and less all
#   have 0.447: nothing is new any more. A little above that, the rewards for far states rise, where the constant is to
#   damp them.
#
#   The source: in rlax/_src/exploration.py the distances are the negative ones of knn_query, `neighbor_neg_distances`.
#   Their ratio is right, but `mean_distance + constant` adds the constant to a number below 0. The denominator goes
#   through 0 where the mean squared distance is 0.001, and beyond that each ratio is negative and is clipped to 0.
#
# Output seen:
#   deviation   mean squared    rewards of rlax                         with distances above 0
#                   distance    known   known      far  farther           known   known      far  farther
#         1.0       7.95e+00     0.998    0.998   69.925  224.073           0.998    0.998   69.921  224.062
#         0.1       7.95e-02     0.998    0.998   70.123  224.600           0.998    0.998   69.725  223.539
#        0.02       3.18e-03     0.999    0.998   75.519  238.795           0.998    0.998   65.430  211.959
#        0.01       7.95e-04     0.999    0.999  107.594  316.349           0.998    0.998   55.882  185.359
#       0.007       3.90e-04     0.447    0.447    0.447    0.447           0.998    0.998   47.689  161.542
#       0.004       1.27e-04     0.447    0.447    0.447    0.447           0.996    0.996   32.952  116.251
#       0.001       7.95e-06     0.447    0.447    0.447    0.447           0.447    0.447    8.612   35.165
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'rlax==0.1.9' 'distrax==0.1.9')
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
import rlax

NEIGHBORS, ROUNDS, BATCH, DIMENSIONS = 5, 4, 20, 8


def rewards(scale):
    state = None
    for round_ in range(ROUNDS):
        batch = jax.random.normal(jax.random.key(round_), (BATCH, DIMENSIONS))
        _, state = rlax.episodic_memory_intrinsic_rewards(scale * batch, NEIGHBORS, 1.0, state, max_memory_size=200)
    queries = scale * jnp.stack([batch[0], batch[1], 3 * jnp.ones(DIMENSIONS), 10 * jnp.ones(DIMENSIONS)])
    found, _ = rlax.episodic_memory_intrinsic_rewards(queries, NEIGHBORS, 1.0, state, max_memory_size=200)
    mean = -float(state.distance_sum / state.distance_count)
    return [float(x) for x in found], mean, positive(state, queries)


def positive(state, queries, constant=0.001, epsilon=1e-4, cluster=0.008):
    """The same reward with distances above 0."""
    memory, queries = np.asarray(state.memory, np.float64), np.asarray(queries, np.float64)
    distances = np.sort(((queries[:, None] - memory[None]) ** 2).sum(-1), axis=1)[:, :NEIGHBORS]
    total = -float(state.distance_sum) + distances.sum()
    mean = total / (float(state.distance_count) + distances.size)
    rate = np.maximum(distances / (mean + constant) - cluster, 0)
    return [float(x) for x in 1 / (np.sqrt((epsilon / (rate + epsilon)).sum(1)) + constant)]


seen = {}
print("deviation   mean squared    rewards of rlax                         with distances above 0")
print("                distance    known   known      far  farther           known   known      far  farther")
for scale in (1.0, 0.1, 0.02, 0.01, 0.007, 0.004, 0.001):
    found, mean, right = rewards(scale)
    seen[scale] = found, right
    cells = ["".join(f"{x:9.3f}" for x in row) for row in (found, right)]
    print(f"{scale:9} {mean:14.2e} {cells[0]}       {cells[1]}")
large = all(seen[scale][0][2] > 50 * seen[scale][0][0] for scale in (1.0, 0.1))
equal = all(len({round(x, 5) for x in seen[scale][0]}) == 1 for scale in (0.007, 0.004, 0.001))
sound = all(right[2] > 15 * right[0] for _, right in seen.values())
sys.exit(0 if large and equal and sound else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
