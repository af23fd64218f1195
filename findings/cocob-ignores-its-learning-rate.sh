#!/usr/bin/env bash
# The learning_rate of optax.contrib.cocob has no effect: 1, 0.01 and 1e-4 take the same steps.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   cocob takes a learning_rate, "optional, to inject some scheduler"; by default it is 1. One expects that a tenth of
#   it takes steps that are a tenth as long, as in each other optimizer.
#
#   The path is the same to three digits with 1, 0.01 and 1e-4, and after 400 steps the weights move by one with each
#   step in all three. A rate of 1e-4 does not keep the weights near their start, as a careful fine-tuning needs. Only a
#   rate that is 0, or one that changes, does something.
#
#   The source: `cocob` in optax/contrib/_cocob.py puts scale_by_learning_rate before scale_by_cocob, so that it scales
#   the gradients. The algorithm divides by the largest gradient that it has seen, and so undoes each constant factor.
#
# Output seen:
#                         step 1            step 50             step 400           moved in the last 100 steps
#   1                    [0.01, -0.01]      [3.893, -2.309]    [3.354, -2.267]    103.9645
#   0.01                 [0.01, -0.01]      [3.893, -2.309]    [3.354, -2.267]    103.9643
#   1e-4                 [0.01, -0.01]      [3.893, -2.309]    [3.354, -2.267]    103.9636
#   0                    [0.0, 0.0]         [0.0, 0.0]         [0.0, 0.0]           0.0000
#   cosine decay to 0    [0.01, -0.01]      [3.883, -2.309]    [3.0, -2.0]          5.9211
#   optax.sgd after 400 steps with 1e-4: [0.04, -0.04] and with 1: [2.0, -2.0]
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'optax==0.2.8')
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

STEPS = 400
target = jnp.array([3.0, -2.0])
RATES = {
    "1": 1.0,
    "0.01": 0.01,
    "1e-4": 1e-4,
    "0": 0.0,
    "cosine decay to 0": optax.cosine_decay_schedule(1.0, STEPS),
}


def path(rate, optimizer=optax.contrib.cocob, steps=STEPS):
    transform = optimizer(learning_rate=rate)

    def step(carry, _):
        x, state = carry
        updates, state = transform.update(jax.grad(lambda x: jnp.abs(x - target).sum())(x), state, x)
        x = optax.apply_updates(x, updates)
        return (x, state), x

    start = jnp.zeros(2)
    return np.asarray(jax.lax.scan(step, (start, transform.init(start)), None, length=steps)[1])


seen = {}
print("                      step 1            step 50             step 400           moved in the last 100 steps")
for name, rate in RATES.items():
    points = path(rate)
    moved = np.abs(np.diff(points[-100:], axis=0)).sum()
    seen[name] = points, moved
    cells = "  ".join(f"{str([round(float(x), 3) for x in points[i]]):17}" for i in (0, 49, 399))
    print(f"{name:20} {cells}  {moved:8.4f}")
sgd = [path(rate, optax.sgd)[-1].astype(float) for rate in (1e-4, 1.0)]
print("optax.sgd after 400 steps with 1e-4:", sgd[0].round(3).tolist(), "and with 1:", sgd[1].round(3).tolist())
same = all(np.allclose(seen["1"][0], seen[name][0], atol=1e-3) for name in ("0.01", "1e-4"))
decay = seen["cosine decay to 0"][1] < 10 < seen["1e-4"][1]
sys.exit(0 if same and decay and np.abs(seen["0"][0]).max() == 0 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
