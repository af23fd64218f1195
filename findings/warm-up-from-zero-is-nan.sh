#!/usr/bin/env bash
# A warm-up from 0 makes optax.contrib.prodigy and dadapt_adamw NaN for ever.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   prodigy and dadapt_adamw estimate the learning rate, and take a schedule that scales it. The docstring of
#   both recommends a linear schedule "combined with a 0-20% learning rate warmup", and the warm-ups of
#   optax, such as warmup_cosine_decay_schedule(0.0, 1.0, ...), begin at 0. Adam does nothing in such a first
#   step.
#
#   The parameters are NaN after the first step (prodigy) or the second (dadapt_adamw), and stay so. Both
#   divide by a sum that each step increases by the learning rate times the gradient
#   (optax/contrib/_prodigy.py, _dadapt_adamw.py): 0/0, and the maximum with the old estimate passes NaN on.
#   A gradient of zeros in the first step, as of a batch that is all padding, does the same at any learning
#   rate. safeguard_warmup=True of prodigy takes the learning rate out of the sum, which helps in the first
#   case alone.
#
# Output seen:
#   after 2,000 steps towards 3   constant  warm-up from 0  first gradient 0
#   adam                              3.00            3.00              3.00
#   prodigy                           3.00             nan               nan
#   dadapt_adamw                      3.00             nan               nan
#   prodigy, safeguard_warmup         3.00            3.00               nan
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'optax==0.2.8')
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
import optax

warm_up = optax.warmup_cosine_decay_schedule(0.0, 1.0, warmup_steps=100, decay_steps=2000)


def train(optimizer, masked_steps=0):
    """The parameter after 2,000 steps towards 3; the first steps have no valid example."""
    params = jnp.ones(4)
    state = optimizer.init(params)

    @jax.jit
    def step(params, state, mask):
        grads = jax.grad(lambda params: mask * jnp.sum((params - 3.0) ** 2))(params)
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    for index in range(2000):
        params, state = step(params, state, float(index >= masked_steps))
    return float(params[0])


contrib = optax.contrib
rows = {
    "adam": [train(optax.adam(0.01)), train(optax.adam(optax.warmup_cosine_decay_schedule(0.0, 0.01, 100, 2000)))],
    "prodigy": [train(contrib.prodigy(1.0)), train(contrib.prodigy(warm_up))],
    "dadapt_adamw": [train(contrib.dadapt_adamw(1.0)), train(contrib.dadapt_adamw(warm_up))],
    "prodigy, safeguard_warmup": [
        train(contrib.prodigy(1.0, safeguard_warmup=True)),
        train(contrib.prodigy(warm_up, safeguard_warmup=True)),
    ],
}
rows["adam"].append(train(optax.adam(0.01), 1))
rows["prodigy"].append(train(contrib.prodigy(1.0), 1))
rows["dadapt_adamw"].append(train(contrib.dadapt_adamw(1.0), 1))
rows["prodigy, safeguard_warmup"].append(train(contrib.prodigy(1.0, safeguard_warmup=True), 1))
print("after 2,000 steps towards 3   constant  warm-up from 0  first gradient 0")
for name, row in rows.items():
    print(f"{name:28}", *(f"{value:{width}.2f}" for value, width in zip(row, (9, 15, 17))))
bad = [name for name, row in rows.items() for value in row if value != value]
sys.exit(0 if bad == ["prodigy"] * 2 + ["dadapt_adamw"] * 2 + ["prodigy, safeguard_warmup"] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
