#!/usr/bin/env bash
# lossx's cross_entropy of logits is minus the logit of the label: -100 for wrong predictions, and without a bound.
#
# Date: 2026-11-30
#
# Versions: lossx 0.0.1, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, jaxtyping 0.3.11, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   lossx.loss.cross_entropy takes labels and predicted logits, by its docstring and its readme. The cross entropy of
#   logits is never below 0, and does not change if all logits of an example grow by the same number.
#
#   lossx's is minus the mean logit of the labels. Nothing is normalized: logits that are all 5 have a loss of -5, and
#   predictions that are wrong with certainty have one of -100 if all logits are large. The example of the readme,
#   logits that are all 1 for three classes, gives -1, where log(3) is right. The gradient is -1 / n at the label and 0
#   for all other classes, so no wrong class is ever pushed down. Plain gradient descent goes on for ever: after 300
#   steps of a linear model on labels that cannot be told apart the loss is -330 and falls further, where optax is
#   within 1% of its minimum.
#
#   The source: `cross_entropy` in lossx/loss/cross_entropy.py takes the entry of the label out of the logits, and has
#   no log_softmax. It is right for log-probabilities alone.
#
# Output seen:
#   logits                 lossx     optax
#   all 0                 -0.000     1.099
#   all 5                 -5.000     1.099
#   right, by 2           -2.000     0.240
#   wrong, 100 all over -100.000    10.000
#   after 300 steps         loss  largest logit
#   lossx               -330.187         375.00
#   optax                  0.402           2.23
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
packages=('lossx==0.0.1' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'jaxtyping==0.3.11' 'optax==0.2.8')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
import jax.numpy as jnp
import optax
from lossx import build_loss

cross_entropy = build_loss({"target": "cross_entropy"})
labels = jnp.array([0, 1, 2])
CASES = {
    "all 0": jnp.zeros((3, 3)),
    "all 5": jnp.full((3, 3), 5.0),
    "right, by 2": 2.0 * jnp.eye(3),
    "wrong, 100 all over": 100.0 + 10.0 * jnp.roll(jnp.eye(3), 1, axis=1),
}
seen = {}
print("logits                 lossx     optax")
for name, logits in CASES.items():
    right = optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()
    seen[name] = float(cross_entropy(labels, logits)), float(right)
    print(f"{name:20}{seen[name][0]:8.3f}{seen[name][1]:10.3f}")

features = jnp.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.9]])
targets = jnp.array([0, 1, 0, 1])


def train(loss):
    bias = jnp.zeros(2)
    kernel = jnp.zeros((2, 2))

    def value(parameters):
        return loss(targets, features @ parameters[0] + parameters[1])

    for _ in range(300):
        gradient = jax.grad(value)((kernel, bias))
        kernel, bias = kernel - gradient[0], bias - gradient[1]
    logits = features @ kernel + bias
    return float(loss(targets, logits)), float(jnp.abs(logits).max())


rows = {"lossx": train(cross_entropy)}
rows["optax"] = train(lambda y, z: optax.softmax_cross_entropy_with_integer_labels(z, y).mean())
print("after 300 steps         loss  largest logit")
for name, row in rows.items():
    print(f"{name:18}{row[0]:10.3f}{row[1]:15.2f}")
wrong = seen["all 5"][0] == -5 and seen["wrong, 100 all over"][0] == -100 and seen["right, by 2"][0] == -2
right = abs(seen["all 0"][1] - seen["all 5"][1]) < 1e-9 and seen["wrong, 100 all over"][1] > 9
sys.exit(0 if wrong and right and rows["lossx"][0] < -100 and rows["optax"][0] > 0 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
