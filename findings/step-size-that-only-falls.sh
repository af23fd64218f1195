#!/usr/bin/env bash
# The step size of evosax.Rm_ES falls to 0.001 in 25 generations whatever is searched, also on a slope without an end.
#
# Date: 2026-12-01
#
# Versions: evosax 0.3.2, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.3.5, Python 3.12, CPU.
#
# Behaviour:
#   The rank-m evolution strategy (Li and Zhang) sets its step size by success: it ranks the best half of a generation
#   and of the one before together. The step grows if the new ones are better, and shrinks if not. On a slope it grows
#   without a bound, and on a sum of squares it follows the distance to the minimum.
#
#   In evosax the step size is the same sequence of numbers for each function: for a sum of squares, for its negative,
#   for a slope and for a constant. It falls by a factor of up to 1.35 a generation to its lower bound of 0.001, and
#   stays there. From 4.5 away of the minimum in 5 dimensions the mean is still 1.1 away after 300 generations, where
#   two other strategies of evosax have arrived. No error or warning tells.
#
#   The source: `tell` of evosax/algorithms/base.py replaces the fitness by weights, which are the same numbers in each
#   generation. `_tell` of evosax/algorithms/distribution_based/rm_es.py sorts those and compares them with those of
#   the last generation. So all ranks are equal, the success is 0, and the wanted success of 0.3 is taken off each time.
#
# Output seen:
#   Rm_ES                   step size after 1        2        5       10       20      300 generations
#   squares                                0.6771   0.4710   0.1738   0.0372   0.0018   0.0010
#   squares, upside down                   0.6771   0.4710   0.1738   0.0372   0.0018   0.0010
#   a slope                                0.6771   0.4710   0.1738   0.0372   0.0018   0.0010
#   a number for all                       0.6771   0.4710   0.1738   0.0372   0.0018   0.0010
#   squares: value at the mean after 0, 20, 100 and 300 generations
#   Rm_ES                       20.0       2.4        2.1        1.3
#   Sep_CMA_ES                  20.0     0.075    1.2e-14          0
#   CR_FM_NES                   20.0   0.00029    1.6e-15          0
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

SIZE, DIMS = 20, 5
FITNESS = {
    "squares": lambda x: jnp.sum(x**2),
    "squares, upside down": lambda x: -jnp.sum(x**2),
    "a slope": lambda x: x[0],
    "a number for all": lambda x: 0.0 * x[0],
}


def search(name, fitness):
    """The step sizes and the value at the mean of 300 generations from a start at 2 in each direction."""
    strategy = getattr(algorithms, name)(population_size=SIZE, solution=jnp.zeros(DIMS))
    params = strategy.default_params

    def generation(state, key):
        population, state = strategy.ask(key, state, params)
        state, _ = strategy.tell(key, population, jax.vmap(fitness)(population), state, params)
        return state, (state.std, fitness(state.mean))

    state = strategy.init(jax.random.key(0), jnp.full(DIMS, 2.0), params)
    _, (stds, values) = jax.lax.scan(generation, state, jax.random.split(jax.random.key(1), 300))
    return np.array(stds), np.array(values)


print("Rm_ES                   step size after 1        2        5       10       20      300 generations")
stds = {}
for name, fitness in FITNESS.items():
    stds[name], _ = search("Rm_ES", fitness)
    print(f"{name:24}" + " " * 13 + " ".join(f"{stds[name][i - 1]:8.4f}" for i in (1, 2, 5, 10, 20, 300)))
print("squares: value at the mean after 0, 20, 100 and 300 generations")
values = {}
for name in ("Rm_ES", "Sep_CMA_ES", "CR_FM_NES"):
    _, values[name] = search(name, FITNESS["squares"])
    print(f"{name:24}    20.0" + " ".join(f"{values[name][i - 1]:10.2g}" for i in (20, 100, 300)))
same = all(np.array_equal(stds["squares"], other) for other in stds.values())
falls = all((np.diff(row) <= 0).all() and row[19] < 0.01 and row[-1] < 0.0011 for row in stds.values())
right = all(values[name][-1] < 1e-10 for name in ("Sep_CMA_ES", "CR_FM_NES"))
sys.exit(0 if same and falls and right and values["Rm_ES"][-1] > 0.5 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
