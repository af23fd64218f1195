#!/usr/bin/env bash
# One batch without a gradient makes optax.contrib.sam NaN for ever, also in the half of the step that does not use it.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   sam goes up along the gradient, normalized, and then down from the gradient there. A batch whose labels are all
#   masked, or a hinge loss that is met, has the gradient 0. One expects that such a batch changes nothing, as with sgd
#   and with normalize_by_update_norm, which has an epsilon for it.
#
#   The weights are NaN from that batch on, whichever half of the step it falls into: also in the descending half, where
#   the ascent is computed and not used. With an epsilon in place of contrib.normalize both halves are right.
#   opaque_mode does the same. apply_if_finite around the descending optimizer does not see it, as the NaN comes from
#   the ascent.
#
#   The source: `normalize` in optax/contrib/_sam.py divides by the norm, 0 / 0. `pick_one` chooses the half by `cond *
#   if_t + (1 - cond) * if_f`, in which 0 times NaN is NaN.
#
# Output seen:
#   batch without labels                 contrib.normalize               normalize_by_update_norm
#   none                         [0.474, -0.832, 0.248, 0.963]       [0.474, -0.832, 0.248, 0.963]
#   the third, which ascends     [nan, nan, nan, nan]                [0.469, -0.832, 0.249, 0.957]
#   the fourth, which descends   [nan, nan, nan, nan]                [0.243, -0.751, 0.235, 0.569]
#   the fourth, opaque_mode      [nan, nan, nan, nan]                [0.579, -0.943, 0.183, 1.313]
#   the fourth, apply_if_finite  [nan, nan, nan, nan]
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
from optax import contrib

inputs = jax.random.normal(jax.random.key(0), (8, 16, 4))
labels = inputs @ jnp.array([1.0, -2.0, 0.5, 3.0])


def run(ascent, empty, opaque=False, descent=None):
    """The weights after 8 batches, one of which has no label."""
    transform = contrib.sam(descent or optax.sgd(0.05), ascent, sync_period=2, opaque_mode=opaque)
    weights = jnp.zeros(4)
    state = transform.init(weights)
    for index in range(len(inputs)):
        mask = jnp.full(16, 0.0 if index == empty else 1.0)

        def gradient(w, _=0, index=index, mask=mask):
            return jax.grad(lambda w: (mask * (inputs[index] @ w - labels[index]) ** 2).mean())(w)

        extra = {"grad_fn": gradient} if opaque else {}
        updates, state = transform.update(gradient(weights), state, weights, **extra)
        weights = optax.apply_updates(weights, updates)
    return [round(float(w), 3) for w in weights]


plain = optax.chain(contrib.normalize(), optax.sgd(0.05))
safe = optax.chain(optax.normalize_by_update_norm(eps=1e-6), optax.sgd(0.05))
seen = {}
print("batch without labels                 contrib.normalize               normalize_by_update_norm")
for name, empty in {"none": None, "the third, which ascends": 2, "the fourth, which descends": 3}.items():
    seen[name] = run(plain, empty), run(safe, empty)
    print(f"{name:28} {seen[name][0]!s:35} {seen[name][1]}")
opaque = run(plain, 3, opaque=True), run(safe, 3, opaque=True)
print(f"{'the fourth, opaque_mode':28} {opaque[0]!s:35} {opaque[1]}")
guarded = run(plain, 3, descent=optax.apply_if_finite(optax.sgd(0.05), 10))
print(f"{'the fourth, apply_if_finite':28} {guarded}")
usual = np.isfinite(seen["none"]).all() and np.allclose(*seen["none"], atol=0.01)
lost = all(np.isnan(row[0]).all() for name, row in seen.items() if name != "none")
safe = np.isfinite([row[1] for row in seen.values()]).all()
both = np.isnan(opaque[0]).all() and np.isfinite(opaque[1]).all() and np.isnan(guarded).all()
sys.exit(0 if usual and lost and safe and both else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
