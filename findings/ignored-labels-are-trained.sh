#!/usr/bin/env bash
# The label -100, which other libraries ignore, trains a model of optax towards token vocabulary - 100.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   Data collators mark padding by the label -100, and the cross entropy of PyTorch leaves it out. One
#   expects optax.softmax_cross_entropy_with_integer_labels to leave it out, to raise, or to give NaN.
#
#   It gives NaN with ten classes, and so the mistake is seen. With a vocabulary of 100 tokens or more the
#   loss is an ordinary number: optax/losses/_classification.py picks the logit by jnp.take_along_axis,
#   where a negative index counts from the end. Each position of padding then trains token vocabulary - 100,
#   and a label of -1 trains the last one. The script trains on labels of which 3 in 4 are padding, and the
#   model learns to answer with that token there. An Embed counts negative tokens from the end in the same
#   way.
#
# Output seen:
#   loss of label -100: 10 classes nan, 1,000 classes 6.91
#   answers at the positions of padding: [900, 900, 900]
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'optax==0.2.8')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import optax
from flax import nnx

loss = optax.softmax_cross_entropy_with_integer_labels
few = float(loss(jnp.zeros((1, 10)), jnp.array([-100]))[0])
many = float(loss(jnp.zeros((1, 1000)), jnp.array([-100]))[0])
print(f"loss of label -100: 10 classes {few:.2f}, 1,000 classes {many:.2f}")

vocabulary = 1000
rngs = nnx.Rngs(0)
model = nnx.Sequential(
    nnx.Embed(vocabulary, 32, rngs=rngs), nnx.Linear(32, vocabulary, rngs=rngs)
)
optimizer = nnx.Optimizer(model, optax.adam(1e-2), wrt=nnx.Param)
tokens = jnp.arange(64)
labels = jnp.where(tokens % 4 == 0, tokens + 1, -100)


@nnx.jit
def train(model, optimizer):
    optimizer.update(model, nnx.grad(lambda m: loss(m(tokens), labels).mean())(model))


for _ in range(200):
    train(model, optimizer)
trained = [int(token) for token in model(tokens).argmax(axis=-1)[1:4]]
print("answers at the positions of padding:", trained)
sys.exit(0 if few != few and many == many and trained == [vocabulary - 100] * 3 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
