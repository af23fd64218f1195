#!/usr/bin/env bash
# evosax.MA_ES learns its matrix from the first half of the population, not the best half: it takes 4 times as long.
#
# Date: 2026-12-01
#
# Versions: evosax 0.3.2, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.3.5, Python 3.12, CPU.
#
# Behaviour:
#   The matrix adaptation evolution strategy (Beyer and Sendhoff) learns the shape of the search from the steps of the
#   members, each with a weight by its rank. The order in which the members are stored has no meaning: CMA_ES of evosax
#   learns the same from a population and from its reverse.
#
#   MA_ES and LM_MA_ES of evosax learn another matrix from the reverse. They give the weight of the best member to the
#   member that is stored first. As the members are drawn at random, what is learned from them is noise. A quadratic
#   function with one steep axis takes MA_ES some 1,080 generations, and 290 if each population is sorted before it is
#   told. LM_MA_ES never arrives at the end of a long valley, and does after 2,300 generations if it is told in order.
#
#   The source: `update_M` of ma_es.py and of lm_ma_es.py in evosax/algorithms/distribution_based multiplies
#   `params.weights`, which go from the best to the worst, by `z`, which is in the order of the draws. The mean and the
#   path use `fitness`, in which each weight stands at the place of its member.
#
# Output seen:
#   strategy   change by a reversed order   generations to 1e-8, of 3 runs
#              of the mean   of the matrix        in any order     from best to worst
#   CMA_ES           0.000           0.000        173    168    156       171    174    163
#   MA_ES            0.000           0.054       1085   1017   1139       283    301    275
#   LM_MA_ES         0.000           2.891      never  never  never      2250   2310   2273
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

SIZE, DIMS, GENERATIONS = 20, 10, 3000
TASKS = {
    "CMA_ES": lambda x: 1e6 * x[0] ** 2 + jnp.sum(x[1:] ** 2),
    "MA_ES": lambda x: 1e6 * x[0] ** 2 + jnp.sum(x[1:] ** 2),
    "LM_MA_ES": lambda x: x[0] ** 2 + 1e6 * jnp.sum(x[1:] ** 2),
}


def make(name):
    strategy = getattr(algorithms, name)(population_size=SIZE, solution=jnp.zeros(DIMS))
    return strategy, strategy.default_params


def generations_needed(name, sort, seed):
    """To a value of 1e-8 at the mean; sort tells each population from the best to the worst."""
    strategy, params = make(name)
    task = TASKS[name]

    def generation(state, key):
        population, state = strategy.ask(key, state, params)
        fitness = jax.vmap(task)(population)
        if sort:
            order = jnp.argsort(fitness)
            population, fitness = population[order], fitness[order]
            if hasattr(state, "z"):
                state = state.replace(z=state.z[order])
        return strategy.tell(key, population, fitness, state, params)[0], task(state.mean)

    state = strategy.init(jax.random.key(seed), jnp.ones(DIMS), params)
    _, values = jax.lax.scan(generation, state, jax.random.split(jax.random.key(seed + 100), GENERATIONS))
    reached = np.asarray(values) < 1e-8
    return int(np.argmax(reached)) if reached.any() else GENERATIONS


def change_by_another_order(name, field):
    """What one generation learns changes by this much if the same population is told in the reverse order."""
    strategy, params = make(name)
    key = jax.random.key(0)
    population, state = strategy.ask(key, strategy.init(key, jnp.ones(DIMS), params), params)
    learned = []
    for order in (np.arange(SIZE), np.arange(SIZE)[::-1]):
        told = state.replace(z=state.z[order]) if hasattr(state, "z") else state
        fitness = jax.vmap(TASKS[name])(population)[order]
        learned.append(strategy.tell(key, population[order], fitness, told, params)[0])
    return [float(jnp.abs(getattr(learned[0], n) - getattr(learned[1], n)).max()) for n in ("mean", field)]


seen = {}
print("strategy   change by a reversed order   generations to 1e-8, of 3 runs")
print("           of the mean   of the matrix        in any order     from best to worst")
for name, field in (("CMA_ES", "C"), ("MA_ES", "M"), ("LM_MA_ES", "M")):
    mean, matrix = change_by_another_order(name, field)
    runs = [[generations_needed(name, sort, seed) for seed in range(3)] for sort in (False, True)]
    seen[name] = mean, matrix, *(np.median(row) for row in runs)
    texts = [" ".join(f"{run:6}" if run < GENERATIONS else " never" for run in row) for row in runs]
    print(f"{name:9}{mean:13.3f}{matrix:16.3f}{texts[0]:>25}{texts[1]:>24}")
right = max(seen["CMA_ES"][:2]) < 1e-3 and seen["CMA_ES"][3] < 400 and seen["CMA_ES"][2] < 400
matrix = all(seen[name][0] < 1e-3 < 0.02 < seen[name][1] for name in ("MA_ES", "LM_MA_ES"))
slower = seen["MA_ES"][2] > 2 * seen["MA_ES"][3] and seen["LM_MA_ES"][2] == GENERATIONS > seen["LM_MA_ES"][3]
sys.exit(0 if right and matrix and slower else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
