#!/usr/bin/env bash
# rlax.popart diverges with a batch of 256 and a step size of 0.01: the mean of rewards around 5 becomes -1e20.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, rlax 0.1.9, distrax 0.1.9, Python 3.12, CPU.
#
# Behaviour:
#   PopArt keeps a running mean and deviation of the targets. step_size is "the step size for learning the scale & shift
#   parameters", for which 0.01 is small. One expects that a larger batch gives a better estimate of the same mean.
#
#   The updates of all targets of a batch are added up, so that the step is step_size times the size of the batch. Above
#   a batch of 200 the mean jumps beyond the targets and back, each time further: with 256 it is -1e20 after 100
#   updates, and with 512 it is NaN, and so is the output of the layer, which the update is to preserve precisely. With
#   100 the mean is that of the last batch alone. A batch that is split over devices adds up as well. The scale has
#   bounds, and stands still at the lower one while this happens: nothing tells but the shift.
#
#   The source: `_cross_replica_scatter_add` in rlax/_src/pop_art.py sums the updates of each index, and `art` does not
#   divide by their number.
#
# Output seen:
#   100 updates with targets of mean 5 and deviation 1, and a layer whose output is -0.5 at the start
#   batch        mean      scale   output of the layer   mean of a step of 0.01 a batch
#       1        3.24       2.64                  -0.5                            3.242
#      16        4.97       1.07                  -0.5                            3.158
#     100        4.81      0.893                  -0.5                            3.170
#     150           5       1.07                  -0.5                            3.169
#     190        5.06       1.03                  -0.5                            3.165
#     256   -1.05e+20     0.0001                     0                            3.167
#     512         nan        nan                   nan                            3.171
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

STEP, UPDATES = 0.01, 100
inputs = jnp.array([1.0, -2.0, 0.5])


def run(batch):
    initial, update = rlax.popart(num_outputs=1, step_size=STEP, scale_lb=1e-4, scale_ub=1e6)
    params = {"w": jnp.ones((3, 1)), "b": jnp.zeros(1)}
    targets = 5 + jax.random.normal(jax.random.key(0), (UPDATES, batch))

    def step(carry, values):
        return update(*carry, values, jnp.zeros(batch, jnp.int32)), None

    params, state = jax.lax.scan(step, (params, initial()), targets)[0]
    output = state.scale * (inputs @ params["w"] + params["b"]) + state.shift
    mean = 0.0
    for values in np.asarray(targets, np.float64):
        mean += STEP * (values.mean() - mean)
    return float(state.shift[0]), float(state.scale[0]), float(output[0]), mean


seen = {}
print(f"{UPDATES} updates with targets of mean 5 and deviation 1, and a layer whose output is -0.5 at the start")
print("batch        mean      scale   output of the layer   mean of a step of 0.01 a batch")
for batch in (1, 16, 100, 150, 190, 256, 512):
    seen[batch] = run(batch)
    shift, scale, output, mean = seen[batch]
    print(f"{batch:5} {shift:11.3g} {scale:10.3g} {output:21.3g} {mean:32.3f}")
small = 3 < seen[1][0] < 4 and all(abs(seen[batch][0] - 5) < 0.5 for batch in (16, 100, 150))
kept = all(abs(seen[batch][2] + 0.5) < 0.01 for batch in (1, 16, 100))
sys.exit(0 if small and kept and abs(seen[256][0]) > 1e10 and np.isnan(seen[512][:3]).any() else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
