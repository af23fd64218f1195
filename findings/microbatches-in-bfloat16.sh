#!/usr/bin/env bash
# The mean of 1,024 microbatches by optax.microbatch is a quarter of the mean of the batch, in bfloat16.
#
# Date: 2026-11-28
#
# Versions: optax 0.2.8, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   optax.microbatch computes the gradient of a batch in pieces that fit into memory, one example each in private
#   training, and puts them together: with AccumulationType.MEAN as the mean. The gradient of a bfloat16 model is
#   in bfloat16, and has about two right digits. One expects that of the mean of the pieces, too.
#
#   Each example here has the gradient 1. With 512 pieces MEAN gives 0.5, with 1,024 it gives 0.25 and with 4,096
#   it gives 0.06: the learning rate falls with the size of the batch. MEAN adds the pieces in their own type and
#   divides at the end (optax/microbatching/_microbatching.py), and 256 + 1 is 256 in bfloat16. RUNNING_MEAN of
#   the same enumeration and optax.MultiSteps, which keep a mean, give 1. The documentation describes MEAN and
#   RUNNING_MEAN alike, as averages of the outputs, and says nothing of their type. Gradients that
#   differ from each other stop MEAN one doubling later.
#
# Output seen:
#   pieces   whole batch     MEAN   RUNNING_MEAN   MultiSteps   MEAN, gradients from 0.5 to 1.5
#       16        1.0000   1.0000         1.0000       1.0000   1.0078
#      256        1.0000   1.0000         1.0000       1.0000   1.0156
#      512        1.0000   0.5000         1.0000       1.0000   1.0000
#     1024        1.0000   0.2500         1.0000       1.0000   0.5000
#     4096        1.0000   0.0625         1.0000       1.0000   0.1250
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
packages=('optax==0.2.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
import optax
from optax.microbatching import AccumulationType

WEIGHT = jnp.ones((), jnp.bfloat16)
gradient = jax.grad(lambda weight, x: jnp.mean(weight * x))


def by_microbatch(kind, x):
    return float(optax.microbatch(gradient, 1, 1, kind)(WEIGHT, x))


def by_steps(x):
    steps = optax.MultiSteps(optax.sgd(1.0), len(x))

    def step(state, one):
        update, state = steps.update(gradient(WEIGHT, one[None]), state, WEIGHT)
        return state, update

    return -float(jax.lax.scan(step, steps.init(WEIGHT), x)[1][-1])


seen = {}
print("pieces   whole batch     MEAN   RUNNING_MEAN   MultiSteps   MEAN, gradients from 0.5 to 1.5")
for pieces in (16, 256, 512, 1024, 4096):
    ones = jnp.ones(pieces, jnp.bfloat16)
    spread = jnp.array(np.random.default_rng(0).uniform(0.5, 1.5, pieces), jnp.bfloat16)
    row = float(gradient(WEIGHT, ones)), by_microbatch(AccumulationType.MEAN, ones)
    row += by_microbatch(AccumulationType.RUNNING_MEAN, ones), by_steps(ones)
    seen[pieces] = *row, by_microbatch(AccumulationType.MEAN, spread)
    print("{:6}{:14.4f}{:9.4f}{:15.4f}{:13.4f}{:9.4f}".format(pieces, *seen[pieces]))
right = all(row[0] == row[2] == row[3] == 1.0 for row in seen.values()) and seen[256][1] == 1.0
wrong = [seen[pieces][1] for pieces in (512, 1024, 4096)] == [0.5, 0.25, 0.0625] and seen[4096][4] < 0.3
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
