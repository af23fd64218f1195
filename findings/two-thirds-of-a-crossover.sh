#!/usr/bin/env bash
# qdax's polynomial_crossover with a proportion of 1 takes 63% of the genes from the second parent, and not all.
#
# Date: 2026-11-30
#
# Versions: qdax 0.5.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   proportion_var_to_change is, by the docstring of polynomial_crossover, the proportion of the variables that are
#   exchanged between two genotypes, from 0 to 1. With 1 the child is the second parent, and with 0.5 half of its genes
#   are.
#
#   Of 100 genes or more it has 63% with 1, and 39% with 0.5, and the number differs from child to child.
#   polynomial_mutation, in the same file, mutates exactly the part of the genes that it is asked for. No error or
#   warning tells.
#
#   The source: `_polynomial_crossover` in qdax/core/emitters/mutation_operators.py draws the positions by
#   jax.random.choice with replacement, so that many are drawn twice. The mutation has replace=False.
#
# Output seen:
#   genes   proportion   crossed over   least   most      mutated   least   most
#       2          0.1          0.000    0.00   0.00        0.000    0.00   0.00
#       2          0.5          0.500    0.50   0.50        0.500    0.50   0.50
#       2          1.0          0.744    0.50   1.00        1.000    1.00   1.00
#      10          0.1          0.100    0.10   0.10        0.100    0.10   0.10
#      10          0.5          0.412    0.20   0.50        0.500    0.50   0.50
#      10          1.0          0.654    0.40   1.00        1.000    1.00   1.00
#     100          0.1          0.096    0.06   0.10        0.100    0.10   0.10
#     100          0.5          0.395    0.32   0.47        0.500    0.50   0.50
#     100          1.0          0.634    0.53   0.74        1.000    1.00   1.00
#    1000          0.1          0.095    0.09   0.10        0.100    0.10   0.10
#    1000          0.5          0.393    0.37   0.42        0.500    0.50   0.50
#    1000          1.0          0.632    0.59   0.67        1.000    1.00   1.00
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
packages=('qdax==0.5.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from qdax.core.emitters.mutation_operators import polynomial_crossover, polynomial_mutation

COUNT = 2000
seen = {}
print("genes   proportion   crossed over   least   most      mutated   least   most")
for genes in (2, 10, 100, 1000):
    for proportion in (0.1, 0.5, 1.0):
        first, second = jnp.zeros((COUNT, genes)), jnp.ones((COUNT, genes))
        crossed = np.asarray(polynomial_crossover(first, second, jax.random.key(0), proportion)).mean(1)
        mutant = polynomial_mutation(first, jax.random.key(1), proportion, 1.0, -1.0, 1.0)
        mutated = np.mean(np.asarray(mutant) != 0, axis=1)
        row = [f(a) for a in (crossed, mutated) for f in (np.mean, np.min, np.max)]
        seen[genes, proportion] = row
        print("{:5}{:13}{:15.3f}{:8.2f}{:7.2f}{:13.3f}{:8.2f}{:7.2f}".format(genes, proportion, *row))
wrong = all(
    abs(seen[genes, proportion][0] - (1 - np.exp(-proportion))) < 0.02
    for genes in (100, 1000)
    for proportion in (0.5, 1.0)
)
control = all(
    abs(row[3] - int(proportion * genes) / genes) < 0.01 for (genes, proportion), row in seen.items()
)
sys.exit(0 if wrong and control and seen[1000, 1.0][2] < 0.7 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
