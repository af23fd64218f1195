#!/usr/bin/env bash
# jax.grad of a cond fails with a KeyError if a branch checkpoints a write to an array reference.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A step counts its calls in an array reference (jax.new_ref), inside of jax.checkpoint, in one branch of a
#   jax.lax.cond. The loss does not depend on the count. One expects the gradient that the same step has without the cond,
#   or without the checkpoint, which is 2.
#
#   With both, jax.grad raises a KeyError whose text is the class AbstractRef. Each of the two alone is right, and so is
#   the forward pass with both. jax 0.10.2 and 0.11.1 do the same; 0.10.0 raises a ValueError.
#
#   The traceback ends in `_join_cond_outputs` of jax/_src/lax/control_flow/conditionals.py, which fills the residuals
#   that a branch does not have with zeros: it finds no zeros of a reference. The documentation of jax.new_ref and of
#   jax.checkpoint excludes neither.
#
# Output seen:
#                            value  gradient
#   as it is                 1.0    2.0
#   checkpoint               1.0    2.0
#   cond                     1.0    2.0
#   checkpoint in a cond     1.0    KeyError: <class 'jax._src.state.types.AbstractRef'>
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1')
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


def count(ref, by):
    ref[...] = ref[...] + 1
    return ref[...] + by


def step(x, checkpoint):
    ref = jax.new_ref(x)
    add = jax.checkpoint(lambda by: count(ref, by)) if checkpoint else lambda by: count(ref, by)
    add(jnp.asarray(2.0))
    return x * x


def loss(x, checkpoint, cond):
    if not cond:
        return step(x, checkpoint)
    return jax.lax.cond(x > 0, lambda x: step(x, checkpoint), lambda x: x, x)


seen = []
print("                         value  gradient")
for name, checkpoint, cond in (
    ("as it is", False, False),
    ("checkpoint", True, False),
    ("cond", False, True),
    ("checkpoint in a cond", True, True),
):
    x = jnp.asarray(1.0)
    value = float(loss(x, checkpoint, cond))
    try:
        gradient = str(float(jax.grad(loss)(x, checkpoint, cond)))
    except KeyError as error:
        gradient = f"KeyError: {error}"
    seen.append((value, gradient))
    print(f"{name:25}{value:<7}{gradient}")
right = (1.0, "2.0")
sys.exit(0 if seen[:3] == [right] * 3 and seen[3][1].startswith("KeyError") else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
