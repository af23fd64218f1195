#!/usr/bin/env bash
# optax.contrib.acprop throws a weight far away whose gradient is 0 in the first step, such as nnx.LoRA or a rare token.
#
# Date: 2026-11-29
#
# Versions: optax 0.2.8, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   Many weights have no gradient in the first step: the row of a token that the first batch does not hold, and the
#   first factor of nnx.LoRA, because the second starts at zeros. Adam and AdaBelief take a step of about the learning
#   rate when the first gradient comes. acprop is documented as an optimizer of that family, with a step like theirs,
#   and needs no warm-up by its docstring.
#
#   With a learning rate of 0.001 the row of a token that comes first in step 2 gets the norm 589, and so it does in
#   step 10 or 1,000, where Adam moves it by 0.003. The LoRA factor of norm 2 moves by 1.4 in step 2, where Adam moves
#   it by 0.003. No number is NaN, so that no check sees it. All weights with a gradient in step 1 train as they do in
#   Adam.
#
#   The source: `scale_by_acprop` in optax/contrib/_acprop.py divides by the root of the second moment of the step
#   before, whose only content is then eps_root = 1e-16 a step, so that the divisor is 1e-8 or so over the bias
#   correction. For the very first step the code takes 1, because all weights have that problem there. (Its docstring
#   has the gradient in the numerator, and the code the mean of the gradients.)
#
# Output seen:
#               move of a LoRA factor in step           norm of a row that comes first in step
#                   1         2         3         4            1         2        10     1,000  (another)
#   adam               0  0.002976  0.003316  0.003488            1.404     1.404     1.404     1.405       2.078
#   adabelief          0  0.003307  0.003824  0.004171            1.404     1.404     1.404     1.405       2.828
#   acprop             0     1.361   0.03275   0.01906            1.404       589       589       589       2.827
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
packages=('optax==0.2.8' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from flax import nnx

RATE = 1e-3
OPTIMIZERS = {
    "adam": optax.adam(RATE),
    "adabelief": optax.adabelief(RATE),
    "acprop": optax.contrib.acprop(RATE),
}


@nnx.jit
def step(model, optimizer, x, y):
    loss, gradients = nnx.value_and_grad(lambda model: jnp.mean((model(x) - y) ** 2))(model)
    optimizer.update(model, gradients)
    return loss


def adapter(optimizer):
    model = nnx.LoRA(8, 2, 8, base_module=nnx.Linear(8, 8, rngs=nnx.Rngs(0)), rngs=nnx.Rngs(1))
    optimizer = nnx.Optimizer(model, optimizer, wrt=nnx.LoRAParam)
    x, y = jax.random.normal(jax.random.key(2), (2, 32, 8))
    moves = []
    for _ in range(4):
        before = model.lora_a[...]
        step(model, optimizer, x, y)
        moves.append(float(jnp.linalg.norm(model.lora_a[...] - before)))
    return moves


def rare_token(optimizer, first):
    model = nnx.Embed(4, 8, rngs=nnx.Rngs(0))
    optimizer = nnx.Optimizer(model, optimizer, wrt=nnx.Param)
    for index in range(1, first + 1):
        tokens = jnp.array([0, 1, 2, 3 if index == first else 0])
        step(model, optimizer, tokens, jnp.ones((4, 8)))
    return np.linalg.norm(np.asarray(model.embedding[...]), axis=1)


seen = {}
print("            move of a LoRA factor in step           norm of a row that comes first in step")
print("                1         2         3         4            1         2        10     1,000  (another)")
for name, optimizer in OPTIMIZERS.items():
    moves = adapter(optimizer)
    rows = [rare_token(optimizer, first) for first in (1, 2, 10, 1000)]
    seen[name] = moves, [float(row[3]) for row in rows], float(rows[3][1])
    text = "".join(f"{x:10.4g}" for x in moves)
    print(f"{name:10}{text}       {''.join(f'{x:10.4g}' for x in seen[name][1])}{seen[name][2]:12.4g}")
others = all(max(seen[name][0]) < 0.05 and max(seen[name][1]) < 10 for name in ("adam", "adabelief"))
moves, rows, common = seen["acprop"]
thrown = moves[0] < 0.05 and moves[1] > 0.5 and rows[0] < 10 and min(rows[1:]) > 100 and common < 10
sys.exit(0 if others and thrown else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
