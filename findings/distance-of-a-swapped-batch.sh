#!/usr/bin/env bash
# artifex's Wasserstein distance of a batch is 0 if its examples are swapped, and 10, which is right, with weights of 1.
#
# Date: 2026-11-30
#
# Versions: avitai-artifex 0.1.15, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, distrax 0.1.9, calibrax 0.1.14,
#   optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   artifex's wasserstein_distance compares the samples along an axis, "default: last axis", and then takes the mean
#   over the examples; weights are optional and one for each example. So weights of 1 change nothing. kl_divergence and
#   js_divergence are described in the same way.
#
#   For two examples whose samples are all 0 and all 10, and targets all 10 and all 0, the distance is 0, and with
#   weights of 1, with axis=-1, with p=2 or without the reduction it is 10, which is right. A generator that ignores its
#   condition is so taken for perfect. kl_divergence of n examples is the sum over them and not the mean, n times as
#   much as with weights of 1, so the loss grows with the batch; js_divergence too.
#
#   The source: artifex/generative_models/core/losses/divergence.py hands the whole arrays to `wasserstein_1d`,
#   `kl_divergence` and `js_divergence` of calibrax if the reduction is "mean" and neither weights nor an axis are
#   given. Those take all the numbers for one distribution.
#
# Output seen:
#   Wasserstein distance of two examples that are off by 10 each
#     no argument       0.0
#     weights of 1      10.0
#     axis=-1           10.0
#     p=2               10.0
#     reduction='none'  [10.0, 10.0]
#   examples, all alike   kl_divergence   with weights of 1   js_divergence   with weights of 1
#          1                      1.758               1.758           0.368               0.368
#          2                      3.516               1.758           0.736               0.368
#          8                     14.062               1.758           2.945               0.368
#         64                    112.498               1.758          23.556               0.368
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
packages=(
  'avitai-artifex==0.1.15' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12' 'numpy==2.5.5' 'distrax==0.1.9'
  'calibrax==0.1.14' 'optax==0.2.8'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
from artifex.generative_models.core.losses.divergence import js_divergence, kl_divergence, wasserstein_distance

given, asked = jnp.array([[0.0] * 5, [10.0] * 5]), jnp.array([[10.0] * 5, [0.0] * 5])
ones = jnp.ones(2)
CALLS = {
    "no argument": {},
    "weights of 1": {"weights": ones},
    "axis=-1": {"axis": -1},
    "p=2": {"p": 2},
    "reduction='none'": {"reduction": "none"},
}
seen = {}
print("Wasserstein distance of two examples that are off by 10 each")
for name, arguments in CALLS.items():
    seen[name] = wasserstein_distance(given, asked, **arguments).tolist()
    print(f"  {name:18}{seen[name]}")
p, q = jnp.array([0.9, 0.1]), jnp.array([0.1, 0.9])
rows = {}
print("examples, all alike   kl_divergence   with weights of 1   js_divergence   with weights of 1")
for count in (1, 2, 8, 64):
    batch = jnp.tile(p, (count, 1)), jnp.tile(q, (count, 1))
    weights = jnp.ones(count)
    values = [float(f(*batch, **extra)) for f in (kl_divergence, js_divergence) for extra in ({}, {"weights": weights})]
    rows[count] = values
    print(f"{count:8}{values[0]:27.3f}{values[1]:20.3f}{values[2]:16.3f}{values[3]:20.3f}")
zero = seen["no argument"] == 0 and all(seen[name] == 10 for name in ("weights of 1", "axis=-1", "p=2"))
grows = all(abs(row[0] / row[1] - count) < 0.01 and abs(row[2] / row[3] - count) < 0.01 for count, row in rows.items())
sys.exit(0 if zero and grows and seen["reduction='none'"] == [10, 10] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
