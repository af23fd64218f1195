#!/usr/bin/env bash
# After a return to an older checkpoint orbax saves nothing, and the next restart takes up the abandoned run.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, orbax-checkpoint 0.12.8, Python 3.12, CPU.
#
# Behaviour:
#   A run has diverged, so one restores the checkpoint of step 10 and trains on from there with another
#   learning rate, and saves every 10 steps into the same folder. One expects the steps to be written anew,
#   or an error that they exist.
#
#   manager.save returns False and writes nothing until the run is past the newest step of the old one. Most
#   loops do not look at what save returns. CheckpointManager.should_save
#   (orbax/checkpoint/checkpoint_manager.py) says no to each step that is not larger than latest_step(), as
#   to a step that is not due. If the second run ends before that, its work is nowhere, and a restart from
#   latest_step() takes up the diverged weights. Where it gets further, steps of both runs lie in the
#   folder. manager.delete of the later steps before going on is the way out.
#
# Output seen:
#   first run, steps 10 to 50, save returns: [True, True, True, True, True]
#   back to step 10, steps 20 to 50, returns: [False, False, False, False]
#   restart at step 50 weights 5000.0 the second run had 1004.0
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
options = ocp.CheckpointManagerOptions(enable_async_checkpointing=False)


def manager():
    return ocp.CheckpointManager(pathlib.Path("run").resolve(), options=options)


def train(manager, weights, steps, gain):
    returned = []
    for step in steps:
        weights = weights + gain
        args = ocp.args.StandardSave({"weights": weights})
        returned.append(manager.save(step, args=args))
    return returned


with manager() as first:
    print("first run, steps 10 to 50, save returns:", train(first, jnp.zeros(()), range(10, 60, 10), 1000.0))

with manager() as second:
    weights = second.restore(10)["weights"]
    returned = train(second, weights, range(20, 60, 10), 1.0)
    print("back to step 10, steps 20 to 50, returns:", returned)

with manager() as third:
    step = third.latest_step()
    restored = float(third.restore(step)["weights"])
print("restart at step", step, "weights", restored, "the second run had", float(weights) + 4)
sys.exit(0 if returned == [False] * 4 and restored == 5000.0 else 1)
PROGRAM
# It writes files where it runs.
cd "$folder"
venv/bin/python program.py
