#!/usr/bin/env bash
# One NaN metric makes orbax delete the best checkpoint and keep the newest.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, orbax-checkpoint 0.12.8, Python 3.12, CPU.
#
# Behaviour:
#   CheckpointManager with best_fn and max_to_keep=2 keeps the two best checkpoints. One evaluation yields
#   NaN. One expects that this step counts as the worst, or raises.
#
#   The step with NaN becomes the best one, and pushes out the rest of the sequence: the checkpoint of 0.9
#   is deleted, then the newest one counts as the best, whatever its metric. It does so in both modes, max
#   and min. CheckpointManager._sort_checkpoints_by_metrics (orbax/checkpoint/checkpoint_manager.py) and
#   BestN (_src/checkpoint_managers/preservation_policy.py) sort by the metric, and each comparison with NaN
#   is false, so that the order of Python's sort says nothing. No error tells, and what was deleted is gone.
#   A best_fn that turns NaN into the worst value avoids it.
#
# Output seen:
#   max          kept after each step: [0.5] [0.5, 0.9] [0.5, 0.9] [0.9, 0.6] [0.9, 0.7] best: 0.9
#   max, one NaN kept after each step: [0.5] [0.5, 0.9] [0.9, nan] [nan, 0.6] [0.6, 0.7] best: 0.7
#   min, one NaN kept after each step: [-0.5] [-0.5, -0.9] [-0.9, nan] [nan, -0.6] [-0.6, -0.7] best: -0.7
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'orbax-checkpoint==0.12.8')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import pathlib
import sys

import absl.logging
import jax.numpy as jnp
import orbax.checkpoint as ocp

absl.logging.set_verbosity(absl.logging.ERROR)
nan = float("nan")


def run(folder, metrics, mode="max"):
    options = ocp.CheckpointManagerOptions(
        max_to_keep=2, best_fn=lambda m: m["score"], best_mode=mode, enable_async_checkpointing=False
    )
    seen = []
    with ocp.CheckpointManager(pathlib.Path(folder).resolve(), options=options) as manager:
        for step, score in enumerate(metrics):
            args = ocp.args.StandardSave({"w": jnp.full(2, score)})
            manager.save(step, args=args, metrics={"score": score})
            manager.wait_until_finished()
            kept = [metrics[i] for i in manager.all_steps()]
            seen.append((kept, metrics[manager.best_step()]))
    return seen


rows = {
    "max": run("clean", [0.5, 0.9, 0.4, 0.6, 0.7]),
    "max, one NaN": run("nan", [0.5, 0.9, nan, 0.6, 0.7]),
    "min, one NaN": run("min", [-0.5, -0.9, nan, -0.6, -0.7], "min"),
}
for text, seen in rows.items():
    print(f"{text:12} kept after each step:", *(kept for kept, _ in seen), "best:", seen[-1][1])
clean, *others = (seen[-1] for seen in rows.values())
ok = clean == ([0.9, 0.7], 0.9) and all(abs(x) < 0.9 for kept, _ in others for x in kept)
sys.exit(0 if ok else 1)
PROGRAM
# It writes files where it runs.
cd "$folder"
venv/bin/python program.py
