#!/usr/bin/env bash
# Under jax.checkpoint a gradient step writes to an array reference twice.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A function adds 1 to a counter that it reaches as an array reference (jax.new_ref), as a layer does with
#   its number of calls or its running mean. jax.checkpoint promises the same function, which computes its
#   inner values again for the gradient instead of keeping them. One expects one write for each step.
#
#   The gradient of the checkpointed function writes twice: the second time when it computes the function
#   again. A running mean with a decay of 0.9 comes to what it should be after two steps. Neither the function's
#   value nor its gradient shows it, and a call without a gradient writes once. With the policy that keeps
#   everything nothing is computed again, and it writes once.
#
# Output seen:
#                           value only  gradient  running mean
#   as it is                1           1         0.10
#   jit                     1           1         0.10
#   checkpoint              1           2         0.19
#   jit of checkpoint       1           2         0.19
#   checkpoint, all kept    1           1         0.10
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

KEEP = jax.checkpoint_policies.everything_saveable


def after_a_step(wrap, derive):
    """The counter and the running mean of ones that one step leaves."""
    calls, mean = jax.new_ref(jnp.array(0.0)), jax.new_ref(jnp.array(0.0))

    def loss(x):
        calls[...] += 1
        mean[...] = 0.9 * mean[...] + 0.1
        return jnp.sin(x * x)

    derive(wrap(loss))(1.0)
    return float(calls[...]), round(float(mean[...]), 4)


seen = []
print("                        value only  gradient  running mean")
for name, wrap in (
    ("as it is", lambda f: f),
    ("jit", jax.jit),
    ("checkpoint", jax.checkpoint),
    ("jit of checkpoint", lambda f: jax.jit(jax.checkpoint(f))),
    ("checkpoint, all kept", lambda f: jax.checkpoint(f, policy=KEEP)),
):
    value, _ = after_a_step(wrap, lambda f: f)
    calls, mean = after_a_step(wrap, jax.grad)
    seen.append((value, calls, mean))
    print(f"{name:24}{value:<12.0f}{calls:<10.0f}{mean:.2f}")
once, twice = (1.0, 1.0, 0.1), (1.0, 2.0, 0.19)
sys.exit(0 if seen == [once, once, twice, twice, once] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
