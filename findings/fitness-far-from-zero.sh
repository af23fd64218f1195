#!/usr/bin/env bash
# evosax's normalized fitness is 0 for all members if it is 10,000 and differs by 0.1, so the search stands still.
#
# Date: 2026-11-29
#
# Versions: evosax 0.3.2, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   normalize_fitness_shaping_fn maps the fitness of a population to -1 for the best and 1 for the worst. It does not
#   depend on an offset: the best of 10,000.0 and 10,000.1 is as much the best as that of 0.0 and 0.1. A fitness with a
#   large constant part is usual, such as an energy, a cost or a penalty.
#
#   From a ratio of 100,000 on between offset and spread all members get 0, as if they were equal, though float32 tells
#   them apart and the sibling centered_rank_fitness_shaping_fn ranks them right. An OpenAI-ES on a parabola with 10,000
#   added does not move at all, and without it comes near the minimum. The test is one for the whole array: beside
#   another population around 0 the same population gets -1 to 1, so that one depends on the other.
#
#   The source: `normalize` in evosax/core/fitness_shaping.py asks `jnp.allclose(a_max, a_min)`, with a relative
#   tolerance of 1e-5, which is one flag for all rows.
#
# Output seen:
#       offset  shaping        0.00, 0.02, 0.05 and 0.10 added        mean after a search from (0.3, -0.2)
#          0.0 normalize      [-1.0, -0.6, 0.0, 1.0]               [0.055, -0.032]
#          0.0 centered_rank  [-0.5, -0.17, 0.17, 0.5]             [0.125, -0.079]
#        100.0 normalize      [-1.0, -0.6, 0.0, 1.0]               [0.055, -0.032]
#        100.0 centered_rank  [-0.5, -0.17, 0.17, 0.5]             [0.125, -0.079]
#       1000.0 normalize      [-1.0, -0.6, 0.0, 1.0]               [0.235, -0.157]
#       1000.0 centered_rank  [-0.5, -0.17, 0.17, 0.5]             [0.125, -0.079]
#      10000.0 normalize      [0.0, 0.0, 0.0, 0.0]                 [0.3, -0.2]
#      10000.0 centered_rank  [-0.5, -0.17, 0.17, 0.5]             [0.131, -0.083]
#   10,000 beside another population around 0: [-1.0, -0.61, 0.0, 1.0]
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
packages=('evosax==0.3.2' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from evosax.algorithms import Open_ES
from evosax.core.fitness_shaping import centered_rank_fitness_shaping_fn, normalize_fitness_shaping_fn

SHAPINGS = {"normalize": normalize_fitness_shaping_fn, "centered_rank": centered_rank_fitness_shaping_fn}
spread = jnp.array([0.0, 0.02, 0.05, 0.1])


def search(shaping, offset, generations=150):
    strategy = Open_ES(population_size=32, solution=jnp.zeros(2), optimizer=optax.sgd(0.02), fitness_shaping_fn=shaping)
    params = strategy.default_params
    state = strategy.init(jax.random.key(0), jnp.array([0.3, -0.2]), params)

    def step(state, key):
        ask, tell = jax.random.split(key)
        population, state = strategy.ask(ask, state, params)
        fitness = offset + 1e-3 * jnp.sum(population**2, axis=-1)
        state, _ = strategy.tell(tell, population, fitness, state, params)
        return state, None

    state, _ = jax.lax.scan(step, state, jax.random.split(jax.random.key(1), generations))
    return [round(float(x), 3) for x in state.mean]


shaped, found = {}, {}
print("    offset  shaping        0.00, 0.02, 0.05 and 0.10 added        mean after a search from (0.3, -0.2)")
for offset in (0.0, 100.0, 1_000.0, 10_000.0):
    for name, shaping in SHAPINGS.items():
        values = np.asarray(shaping(None, offset + spread, None, None), np.float64).round(2).tolist()
        shaped[offset, name], found[offset, name] = values, search(shaping, offset)
        print(f"{offset:10} {name:14} {values!s:36} {found[offset, name]}")
rows = jnp.stack([1e4 + spread, spread])
together = np.asarray(normalize_fitness_shaping_fn(None, rows, None, None))[0].astype(float).round(2).tolist()
print("10,000 beside another population around 0:", together)
flat = shaped[10_000.0, "normalize"] == [0.0] * 4 and found[10_000.0, "normalize"] == [0.3, -0.2]
near = shaped[0.0, "normalize"] == [-1.0, -0.6, 0.0, 1.0] and shaped[10_000.0, "centered_rank"][0] == -0.5
sys.exit(0 if flat and near and together[0] == -1 and np.abs(found[0.0, "normalize"]).max() < 0.15 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
