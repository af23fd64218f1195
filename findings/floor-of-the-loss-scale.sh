#!/usr/bin/env bash
# jmp's DynamicLossScale forgets its min_loss_scale in jax.jit: the scale falls to 1, where 1,024 was asked for.
#
# Date: 2026-11-30
#
# Versions: jmp 0.0.4, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A loss in float16 is multiplied by a scale so that small gradients do not become 0. jmp.DynamicLossScale halves the
#   scale after a step whose gradients overflow. min_loss_scale is its lower bound, and 1 if none is given. The object
#   is a pytree and is handed through the train step, which is compiled.
#
#   The bound that was given is lost as soon as the object goes through jax.jit, jax.lax.scan or jax.tree.map: it is 1
#   from then on. 15 steps with an overflow take the scale from 32,768 to 1, where it should stop at 1,024. Called
#   directly, as in the tests of jmp, it stops there. Nothing tells, and repr shows 1 as if it had been given.
#
#   The source: `tree_flatten` of DynamicLossScale in jmp/_src/loss_scale.py lists the scale, the counter, the period
#   and the factor, and not min_loss_scale. `tree_unflatten` makes the object with the default.
#
# Output seen:
#   the scale begins at 32768 and may fall to 1024; each step overflows
#                         scale after  3    5    8   15 steps    floor that is left
#   called directly                4096   1024   1024   1024             1024
#   jax.jit                        4096   1024    128      1                1
#   jax.tree.map first             4096   1024    128      1                1
#   jax.lax.scan                   4096   1024    128      1                1
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
packages=('jmp==0.0.4' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
import jmp


def adjust(scale, steps, transform):
    """The loss scale after some steps whose gradients overflow."""
    step = transform(lambda scale: scale.adjust(jnp.array(False)))
    for _ in range(steps):
        scale = step(scale)
    return float(scale.loss_scale), float(scale.min_loss_scale)


START, FLOOR = 2.0**15, 2.0**10
transforms = {
    "called directly": lambda step: step,
    "jax.jit": jax.jit,
    "jax.tree.map first": lambda step: lambda scale: step(jax.tree.map(lambda x: x, scale)),
    "jax.lax.scan": lambda step: lambda scale: jax.lax.scan(lambda s, _: (step(s), None), scale, None, 1)[0],
}
print(f"the scale begins at {START:.0f} and may fall to {FLOOR:.0f}; each step overflows")
print("                      scale after  3    5    8   15 steps    floor that is left")
seen = {}
for name, transform in transforms.items():
    rows = []
    for steps in (3, 5, 8, 15):
        scale = jmp.DynamicLossScale(jnp.float32(START), min_loss_scale=jnp.float32(FLOOR))
        rows.append(adjust(scale, steps, transform))
    seen[name] = rows
    print(f"{name:28}" + "".join(f"{value:7.0f}" for value, _ in rows) + f"{rows[-1][1]:17.0f}")
direct = [value for value, _ in seen.pop("called directly")] == [4096, 1024, 1024, 1024]
rest = all([value for value, _ in rows] == [4096, 1024, 128, 1] and rows[-1][1] == 1 for rows in seen.values())
sys.exit(0 if direct and rest else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
