#!/usr/bin/env bash
# bayes-hdc needs 0 dimensions to be 99% right among 26 letters, and among 1,000 items fewer the surer one wants to be.
#
# Date: 2026-12-01
#
# Versions: bayes-hdc 0.5.0a1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.3.5, Python 3.12, CPU.
#
# Behaviour:
#   A holographic reduced representation keeps some pairs of role and filler in one vector. Plate's rule says how many
#   dimensions it needs, so that a filler is found in a codebook: 4.5 (k + 0.7) ln(M / (30 q**4)) for k pairs and M
#   items, where q is the probability of an error. required_dimension of bayes-hdc takes the wanted part of right
#   answers as q, from 0 to 1. One expects more dimensions for 0.999 than for 0.9.
#
#   It is the other way round: 66 dimensions for 0.9 and 59 for 0.999, with three pairs and 1,000 items. With these 59
#   only 84% of the fillers are found. For an alphabet the answer is 0 dimensions for 0.99, and 5 for 0.9, with which
#   21% are found. With the probability of an error as q the rule gives 151 to 518, and all are found.
#
#   The source: `required_dimension` in bayes_hdc/metrics.py has the formula, and puts the part of right answers into it
#   as q. It bounds the argument of the logarithm from below by 1, which makes the answer 0 for up to 28 items. The
#   docstring calls it a bound that is useful before sizing a deployment.
#
# Output seen:
#   items   wanted right   required_dimension   right with it   by Plate's rule   right with it
#      26            0.9                    5           0.215               151           1.000
#      26           0.99                    0             nan               304           1.000
#      26          0.999                    0             nan               458           1.000
#    1000            0.9                   66           0.917               212           1.000
#    1000           0.99                   60           0.853               365           1.000
#    1000          0.999                   59           0.840               518           1.000
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
packages=('bayes-hdc==0.5.0a1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.3.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import bayes_hdc
import jax
import jax.numpy as jnp
from bayes_hdc.metrics import required_dimension

PAIRS, TRIALS = 3, 400


def part_that_is_right(dims, codebook, key):
    """Of PAIRS roles and fillers in one vector of HRR: how many fillers are found again in the codebook."""
    model = bayes_hdc.HRR.create(dimensions=dims)

    def trial(key):
        keys = jax.random.split(key, 3)
        items, roles = model.random(keys[0], (codebook, dims)), model.random(keys[1], (PAIRS, dims))
        fillers = jax.random.randint(keys[2], (PAIRS,), 0, codebook)
        memory = model.bundle(jax.vmap(model.bind)(roles, items[fillers]))
        found = jax.vmap(lambda role: model.bind(memory, model.inverse(role)))(roles)
        return jnp.mean(jnp.argmax(found @ items.T, axis=1) == fillers)

    return float(jnp.mean(jax.lax.map(trial, jax.random.split(key, TRIALS))))


def plate(codebook, error):
    """The rule of Plate, whose q is the probability of an error."""
    return round(4.5 * (PAIRS + 0.7) * float(jnp.log(codebook / (30 * error**4))))


print("items   wanted right   required_dimension   right with it   by Plate's rule   right with it")
needed, right, better = {}, {}, {}
for items in (26, 1000):
    for wanted in (0.9, 0.99, 0.999):
        dims = int(required_dimension(PAIRS, items, wanted))
        needed[items, wanted] = dims
        right[items, wanted] = part_that_is_right(dims, items, jax.random.key(0)) if dims else float("nan")
        by_rule = plate(items, 1 - wanted)
        better[items, wanted] = part_that_is_right(by_rule, items, jax.random.key(0))
        row = f"{items:5}{wanted:15}{dims:21}{right[items, wanted]:16.3f}"
        print(f"{row}{by_rule:18}{better[items, wanted]:16.3f}")
none = needed[26, 0.99] == needed[26, 0.999] == 0
falls = needed[1000, 0.9] > needed[1000, 0.99] > needed[1000, 0.999]
wrong = right[1000, 0.99] < 0.9 and right[26, 0.9] < 0.6
rule = all(better[key] > key[1] - 0.03 for key in better)
sys.exit(0 if none and falls and wrong and rule else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
