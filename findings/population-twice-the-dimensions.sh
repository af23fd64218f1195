#!/usr/bin/env bash
# evosax.LM_MA_ES is NaN from the second generation on with more members than twice the number of parameters.
#
# Date: 2026-12-01
#
# Versions: evosax 0.3.2, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.3.5, Python 3.12, CPU.
#
# Behaviour:
#   A larger population makes an evolution strategy slower and more robust. evosax takes any size for LM_MA_ES and
#   CMA_ES, and chooses their rates by it.
#
#   For 5 parameters LM_MA_ES finds the minimum of a sum of squares with 8 members. With 12 each member is NaN in the
#   second generation and in all after it. What it gives as the best is the best of the first generation, so the result
#   looks like one. CMA_ES finds the minimum with both. No error or warning tells.
#
#   The source: `_default_params` in evosax/algorithms/distribution_based/lm_ma_es.py sets the rate c_c of the first
#   direction to the size of the population over the number of parameters. `update_M` takes the square root of
#   c_c (2 - c_c), which is NaN for a rate above 2. The rate is not bounded.
#
# Output seen:
#   parameters   members   best value of 300 generations    first generation of NaN
#                          LM_MA_ES           CMA_ES        LM_MA_ES       CMA_ES
#            5         8       9.6e-16          8.2e-31            None         None
#            5        12       5.1e+00          3.6e-36               2         None
#           10        18       1.3e-18          9.5e-26            None         None
#           10        22       9.2e+00          6.8e-28               2         None
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
packages=('evosax==0.3.2' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.3.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import evosax.algorithms as algorithms
import jax
import jax.numpy as jnp
import numpy as np


def search(name, dims, size):
    """The best value of 300 generations from 1 in each direction, and the first generation with a NaN."""
    strategy = getattr(algorithms, name)(population_size=size, solution=jnp.zeros(dims))
    params = strategy.default_params

    def generation(state, key):
        population, state = strategy.ask(key, state, params)
        fitness = jnp.sum(population**2, axis=1)
        state, _ = strategy.tell(key, population, fitness, state, params)
        return state, (state.best_fitness, jnp.isnan(population).any())

    state = strategy.init(jax.random.key(0), jnp.ones(dims), params)
    _, (best, lost) = jax.lax.scan(generation, state, jax.random.split(jax.random.key(1), 300))
    return float(best[-1]), int(np.argmax(lost)) + 1 if np.any(lost) else None


seen = {}
print("parameters   members   best value of 300 generations    first generation of NaN")
print("                       LM_MA_ES           CMA_ES        LM_MA_ES       CMA_ES")
for dims in (5, 10):
    for size in (2 * dims - 2, 2 * dims + 2):
        low, full = search("LM_MA_ES", dims, size), search("CMA_ES", dims, size)
        seen[dims, size] = low, full
        print(f"{dims:10}{size:10}{low[0]:14.1e}{full[0]:17.1e}{low[1]!s:>16}{full[1]!s:>13}")
lost = all(low[1] == 2 and low[0] > 0.5 for (dims, size), (low, _) in seen.items() if size > 2 * dims)
kept = all(low[1] is None and low[0] < 0.1 for (dims, size), (low, _) in seen.items() if size < 2 * dims)
right = all(full[1] is None and full[0] < 0.1 for _, full in seen.values())
sys.exit(0 if lost and kept and right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
