#!/usr/bin/env bash
# artifex's label smoothing of a discriminator scales its logits: it can never be too sure, which is the purpose.
#
# Date: 2026-11-30
#
# Versions: avitai-artifex 0.1.15, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, distrax 0.1.9, calibrax 0.1.14,
#   optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   One-sided label smoothing has the discriminator of a GAN say 0.9, not 1, for real pictures: the loss is smallest at
#   a logit of log(9) = 2.2 and grows for a surer one. ns_vanilla_discriminator_loss of artifex has a label_smoothing
#   "to apply to real labels".
#
#   With 0.1 its loss falls for ever as the logit grows: 0.13 at 2.2, 0.027 at 4, 3e-20 at 50, where 0.325, 0.418 and 5
#   are right. It is the loss without smoothing of 0.9 times the logit and never punishes a discriminator for being too
#   sure. A logit that is trained by gradient descent stays at 2.2 with the formula and goes on to 7.4 with artifex, and
#   further.
#
#   The source: `ns_vanilla_discriminator_loss` in artifex/generative_models/core/losses/adversarial.py takes
#   `softplus(-real_logits * real_target)`, with the target 0.9, in the place of `0.9 * softplus(-real_logits) + 0.1 *
#   softplus(real_logits)`.
#
# Output seen:
#   logit    artifex   with smoothing   without
#     0.0   6.93e-01            0.693   6.9e-01
#     2.2   1.30e-01            0.325   1.1e-01
#     4.0   2.70e-02            0.418   1.8e-02
#     8.0   7.46e-04            0.800   3.4e-04
#    50.0   2.86e-20            5.000   1.9e-22
#   after 1,000 steps of gradient descent: 7.4, and 2.2 by the formula
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
packages=(
  'avitai-artifex==0.1.15' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12' 'numpy==2.5.5' 'distrax==0.1.9'
  'calibrax==0.1.14' 'optax==0.2.8'
)
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
from artifex.generative_models.core.losses.adversarial import ns_vanilla_discriminator_loss

SMOOTHING = 0.1
fake = jnp.array([-1000.0])


def own(logit):
    return ns_vanilla_discriminator_loss(logit, fake, label_smoothing=SMOOTHING)


def right(logit):
    return jnp.mean((1 - SMOOTHING) * jax.nn.softplus(-logit) + SMOOTHING * jax.nn.softplus(logit))


seen = {}
print("logit    artifex   with smoothing   without")
for logit in (0.0, float(np.log(9)), 4.0, 8.0, 50.0):
    value = jnp.array([logit])
    plain = ns_vanilla_discriminator_loss(value, fake)
    seen[logit] = float(own(value)), float(right(value)), float(plain)
    print(f"{logit:5.1f}{seen[logit][0]:11.2e}{seen[logit][1]:17.3f}{seen[logit][2]:10.1e}")
ends = []
for loss in (own, right):
    logit, step = jnp.zeros(1), jax.jit(jax.grad(lambda value, loss=loss: loss(value)))
    for _ in range(1000):
        logit = logit - 1.0 * step(logit)
    ends.append(float(logit[0]))
print(f"after 1,000 steps of gradient descent: {ends[0]:.1f}, and {ends[1]:.1f} by the formula")
falls = np.all(np.diff([row[0] for row in seen.values()]) < 0) and seen[50.0][0] < 1e-10
least = min(seen, key=lambda logit: seen[logit][1]) == float(np.log(9))
sys.exit(0 if falls and least and ends[0] > 5 and abs(ends[1] - np.log(9)) < 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
