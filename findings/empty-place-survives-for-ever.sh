#!/usr/bin/env bash
# NSGA-II of qdax keeps an empty place in its population of 8 for ever, and draws an eighth of the parents from it.
#
# Date: 2026-11-30
#
# Versions: qdax 0.5.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A new repertoire of qdax has empty places: genotypes of zeros with the fitness -inf, which each individual
#   dominates. NSGA-II keeps the best fronts of parents and children, and of the last front that does not fit as a whole
#   those with the largest crowding distance. One expects that a population of 8 holds 8 individuals, after 8 of them or
#   more have been added.
#
#   NSGA2Repertoire holds 7 and one empty place, after one generation and after 20, so the individual that would have
#   been the eighth is lost each time. select draws parents from the empty place as from the others: with a small
#   population many children are mutations of zeros, which nobody evaluated. SPEA2Repertoire of the same individuals is
#   full. No error tells.
#
#   The source: `add_to_front` in qdax/core/containers/nsga2_repertoire.py takes highest_dist[-num] out of an ascending
#   order, with num from 0 on. -0 is its first entry, which is the smallest distance, or an individual that is in none
#   of the fronts, and not the largest.
#
# Output seen:
#   repertoire   places   empty after 0, 1, 5 and 20 generations   parents of zeros   right
#   NSGA2             4   [1, 1, 1, 1]                                         25.0%    0.0%
#   NSGA2             8   [1, 1, 1, 1]                                         12.5%    0.0%
#   NSGA2            32   [1, 1, 1, 1]                                          3.1%    0.0%
#   SPEA2             4   [0, 0, 0, 0]                                          0.0%    0.0%
#   SPEA2             8   [0, 0, 0, 0]                                          0.0%    0.0%
#   SPEA2            32   [0, 0, 0, 0]                                          0.0%    0.0%
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
from qdax.core.containers.nsga2_repertoire import NSGA2Repertoire
from qdax.core.containers.spea2_repertoire import SPEA2Repertoire

KINDS = {"NSGA2": (NSGA2Repertoire, {}), "SPEA2": (SPEA2Repertoire, {"num_neighbours": 3})}


def individuals(rng, size):
    """Genotypes around 5, where both objectives are best between 5 and 6: nobody of them is near 0."""
    genotypes = jnp.array(5 + rng.normal(size=(size, 1)), jnp.float32)
    return genotypes, jnp.concatenate([-((genotypes - 5) ** 2), -((genotypes - 6) ** 2)], axis=1)


def empty(repertoire):
    return int(np.sum(np.isneginf(np.asarray(repertoire.fitnesses)[:, 0])))


seen = {}
print("repertoire   places   empty after 0, 1, 5 and 20 generations   parents of zeros   right")
for name, (kind, given) in KINDS.items():
    for size in (4, 8, 32):
        rng, counts = np.random.default_rng(0), []
        found = kind.init(*individuals(rng, size), size, **given)
        for generation in range(21):
            if generation in (0, 1, 5, 20):
                counts.append(empty(found))
            found = found.add(*individuals(rng, size))
        parents = np.concatenate(
            [np.asarray(found.select(jax.random.key(i), size).genotypes).ravel() for i in range(2000 // size)]
        )
        seen[name, size] = (counts, float(np.mean(parents == 0)))
        print(f"{name:13}{size:6}   {counts!s:42}{seen[name, size][1]:16.1%}{0:8.1%}")
full = all(row == ([0, 0, 0, 0], 0.0) for (name, _), row in seen.items() if name == "SPEA2")
holes = all(row[0] == [1, 1, 1, 1] and row[1] > 0.5 / size for (name, size), row in seen.items() if name == "NSGA2")
sys.exit(0 if full and holes else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
