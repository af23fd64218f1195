#!/usr/bin/env bash
# flashbax gives new experience the largest priority so far without its fraction: 1.99 becomes 1, half of all the old.
#
# Date: 2026-11-30
#
# Versions: flashbax 0.1.3, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   Prioritised replay gives new experience the largest priority so far, so that it is drawn at least as often as
#   anything else, and its error becomes known soon. The prioritised buffers of flashbax keep the largest priority,
#   which starts at 1, and the docstring says that new items get it.
#
#   They get the largest whole number below it. If the priorities go up to 1.99, new experience has the priority 1, and
#   is drawn half as often as the best of the old. Of 500 new and 500 old items with the priority 1.99, 33% of the draws
#   are new, where half should be. The state shows 1.99 as the largest priority. While all priorities are 1 or less, all
#   is right.
#
#   The source: `_calculate_new_item_priorities` of flashbax/buffers/prioritised_trajectory_buffer.py fills an array
#   with the largest priority by jnp.full_like of the indices of the items, which are int32. All prioritised buffers use
#   it.
#
# Output seen:
#   priority of     largest    priority of       share of the new in the draws
#   the old         so far     the new           right         drawn
#       0.50           1.00         1.00             66.7%         66.7%
#       1.00           1.00         1.00             50.0%         50.0%
#       1.20           1.20         1.00             50.0%         45.5%
#       1.50           1.50         1.00             50.0%         40.0%
#       1.99           1.99         1.00             50.0%         33.4%
#       2.00           2.00         2.00             50.0%         50.0%
#       2.90           2.90         2.00             50.0%         40.8%
#       7.90           7.90         7.00             50.0%         47.0%
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
packages=('flashbax==0.1.3' 'chex==0.1.92' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import flashbax
import jax
import jax.numpy as jnp
import numpy as np

OLD = NEW = 500


def run(largest):
    """The priority of new experience and its share of 100,000 draws, if all old has the priority `largest`."""
    buffer = flashbax.make_prioritised_item_buffer(
        max_length=1024, min_length=1, sample_batch_size=1000, add_batches=True, priority_exponent=1.0, device="cpu"
    )
    state = buffer.init({"step": jnp.array(0)})
    state = buffer.add(state, {"step": jnp.arange(OLD)})
    state = buffer.set_priorities(state, jnp.arange(OLD), jnp.full(OLD, largest))
    recorded = float(state.sum_tree_state.max_recorded_priority)
    state = buffer.add(state, {"step": jnp.arange(OLD, OLD + NEW)})
    sample = jax.jit(buffer.sample)
    steps = [np.asarray(sample(state, key).experience["step"]) for key in jax.random.split(jax.random.key(0), 100)]
    first = 2**state.sum_tree_state.tree_depth - 1
    priority = float(state.sum_tree_state.nodes[first + OLD])
    return recorded, priority, (np.concatenate(steps) >= OLD).mean()


seen = {}
print("priority of     largest    priority of       share of the new in the draws")
print("the old         so far     the new           right         drawn")
for largest in (0.5, 1.0, 1.2, 1.5, 1.99, 2.0, 2.9, 7.9):
    recorded, priority, share = run(largest)
    right = recorded / (recorded + largest)
    seen[largest] = recorded, priority, right, share
    print(f"{largest:8.2f}{recorded:15.2f}{priority:13.2f}{right:18.1%}{share:14.1%}")
right = all(abs(seen[each][2] - seen[each][3]) < 0.01 for each in (0.5, 1.0, 2.0))
kept = all(abs(recorded - max(largest, 1)) < 1e-6 for largest, (recorded, *_) in seen.items())
cut = all(priority == np.floor(recorded) for recorded, priority, *_ in seen.values())
sys.exit(0 if right and kept and cut and seen[1.99][3] < 0.35 and seen[1.5][3] < 0.42 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
