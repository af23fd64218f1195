#!/usr/bin/env bash
# An absent class takes the whole weight in optax's generalized Dice loss: right and wrong labels lose 0.016 alike.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   multiclass_generalized_dice_loss weighs each class by the inverse of its squared frequency, "to handle class
#   imbalance": a rare class counts as much as a common one. One expects that the loss is near 1 if all labels are
#   wrong.
#
#   A class that no pixel of the batch has gets the weight 1 / 1e-7, ten million, and after the normalization the others
#   have next to none. The loss of labels that are wrong in each pixel is 0.016, and so is that of labels that are all
#   right; the same images have 0.98 if the number of classes is two. The gradient does not know the labels either: it
#   only takes probability from the absent class. In a data set with 20 classes nearly each batch lacks one. dice_loss,
#   the sibling without weights, tells right from wrong.
#
#   The source: `multiclass_generalized_dice_loss` in optax/losses/_segmentation.py has `1.0 / (class_frequencies ** 2 +
#   1e-7)`, where a class of 10 pixels has 0.01.
#
# Output seen:
#                                           all right                        all wrong
#                                    generalized      plain   generalized   gradient      plain
#   two classes, both present           3.36e-04     0.0003      9.80e-01   2.68e-05     0.9801
#   three classes, one absent           1.65e-02     0.0058      1.65e-02   1.32e-03     0.6589
#   three classes, all present          6.56e-04     0.0007      9.70e-01   2.67e-05     0.9705
#   20 classes, 18 absent               1.64e-02     0.0151      1.64e-02   9.50e-04     0.1128
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

rng = np.random.default_rng(0)
two = rng.integers(0, 2, (3, 100))
three = rng.integers(0, 3, (3, 100))
CASES = {
    "two classes, both present": (two, 2),
    "three classes, one absent": (two, 3),
    "three classes, all present": (three, 3),
    "20 classes, 18 absent": (two, 20),
}


def losses(labels, classes, shift):
    targets = jax.nn.one_hot(labels, classes)
    logits = 8 * jax.nn.one_hot((labels + shift) % min(classes, labels.max() + 1), classes)
    generalized, gradient = jax.value_and_grad(optax.losses.multiclass_generalized_dice_loss)(logits, targets)
    return float(generalized), float(jnp.linalg.norm(gradient)), float(optax.losses.dice_loss(logits, targets).mean())


seen = {}
print("                                        all right                        all wrong")
print("                                 generalized      plain   generalized   gradient      plain")
for name, (labels, classes) in CASES.items():
    right, wrong = losses(labels, classes, 0), losses(labels, classes, 1)
    seen[name] = right, wrong
    print(f"{name:32} {right[0]:11.2e} {right[2]:10.4f}   {wrong[0]:11.2e} {wrong[1]:10.2e} {wrong[2]:10.4f}")

ABSENT = ("three classes, one absent", "20 classes, 18 absent")
absent = [seen[name][1] for name in ABSENT]
present = [seen[name][1] for name in ("two classes, both present", "three classes, all present")]
gone = all(abs(seen[name][0][0] - seen[name][1][0]) < 1e-5 for name in ABSENT)
sys.exit(0 if gone and min(row[0] for row in present) > 0.9 and absent[0][2] > 0.5 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
