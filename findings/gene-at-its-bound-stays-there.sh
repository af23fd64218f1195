#!/usr/bin/env bash
# qdax's polynomial_mutation never moves a gene away from its bound, where half of the mutations should.
#
# Date: 2026-11-30
#
# Versions: qdax 0.5.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   Polynomial mutation, from NSGA-II, moves a gene up or down with the same chance, by a random part of the way to the
#   bound on that side. At a bound half of the mutations lead away from it, and the other half stay.
#
#   In qdax.core.emitters.mutation_operators.polynomial_mutation a gene at its bound stays there in all of 100,000
#   mutations, and one near it is pushed onto it: of genes at 0.9 37% are at a bound after one mutation, where none is
#   to be. After 50 mutations each all genes are at a bound, where 1% is right. No error tells. In the middle the two
#   agree.
#
#   The source: `_polynomial_mutation` in qdax/core/emitters/mutation_operators.py takes the powers of delta_1 and
#   delta_2, the distances to the bounds, where Deb's operator has the powers of 1 - delta_1 and 1 - delta_2.
#
# Output seen:
#   gene     qdax: down    up   at a bound      Deb: down    up   at a bound
#    0.00         0.50   0.50       0.00            0.50   0.50       0.00
#    0.50         0.50   0.50       0.09            0.50   0.50       0.00
#    0.90         0.50   0.50       0.37            0.50   0.50       0.00
#    0.99         0.50   0.50       0.49            0.50   0.50       0.00
#    1.00         0.00   0.00       1.00            0.50   0.00       0.50
#   -1.00         0.00   0.00       1.00            0.00   0.50       0.50
#   at a bound after 50 mutations of each gene: qdax 1.00, Deb 0.01
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
from qdax.core.emitters.mutation_operators import polynomial_mutation

ETA, COUNT = 5.0, 100_000


def mutated(x, seed):
    found = polynomial_mutation(jnp.array(x, jnp.float32)[:, None], jax.random.key(seed), 1.0, ETA, -1.0, 1.0)
    return np.asarray(found)[:, 0]


def oracle(x, seed):
    """Deb's operator for one gene between -1 and 1."""
    rand = np.random.default_rng(seed).uniform(size=len(x))
    below, above = (x + 1) / 2, (1 - x) / 2
    down = (2 * rand + (1 - 2 * rand) * (1 - below) ** (ETA + 1)) ** (1 / (ETA + 1)) - 1
    up = 1 - (2 * (1 - rand) + 2 * (rand - 0.5) * (1 - above) ** (ETA + 1)) ** (1 / (ETA + 1))
    return np.clip(x + 2 * np.where(rand < 0.5, down, up), -1, 1)


def row(x, operator):
    found = operator(np.full(COUNT, x, np.float32), 0)
    return [float(np.mean(found < x - 1e-6)), float(np.mean(found > x + 1e-6)), float(np.mean(np.abs(found) == 1))]


seen = {}
print("gene     qdax: down    up   at a bound      Deb: down    up   at a bound")
for x in (0.0, 0.5, 0.9, 0.99, 1.0, -1.0):
    seen[x] = (row(x, mutated), row(x, oracle))
    first, second = seen[x]
    print("{:5.2f}{:13.2f}{:7.2f}{:11.2f}{:16.2f}{:7.2f}{:11.2f}".format(x, *first, *second))
genes = [np.random.default_rng(1).uniform(-1, 1, 20_000) for _ in range(2)]
for generation in range(50):
    genes = [mutated(genes[0], generation), oracle(genes[1], generation)]
ends = [float(np.mean(np.abs(a) > 0.999)) for a in genes]
print(f"at a bound after 50 mutations of each gene: qdax {ends[0]:.2f}, Deb {ends[1]:.2f}")
stuck = seen[1.0][0] == [0.0, 0.0, 1.0] and seen[-1.0][0] == [0.0, 0.0, 1.0]
moves = all(abs(seen[x][1][i] - 0.5) < 0.01 for x, i in ((1.0, 0), (-1.0, 1)))
near = seen[0.9][0][2] > 0.2 and seen[0.9][1][2] < 0.01
middle = all(abs(a - b) < 0.01 for a, b in zip(*seen[0.0]))
sys.exit(0 if stuck and moves and near and middle and ends[0] > 0.9 and ends[1] < 0.2 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
