#!/usr/bin/env bash
# A population of qdax keeps the extra scores of other individuals than those that survive, in each generation.
#
# Date: 2026-11-30
#
# Versions: qdax 0.5.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The repertoires of qdax store extra scores with each individual, for the keys that keys_extra_scores names: a state,
#   a length, or a seed. One expects that the extra scores of a survivor are its own, as its genotype and its fitness
#   are.
#
#   In GARepertoire, and in SPEA2Repertoire and NSGA2Repertoire, which are made of it, they are those of somebody else
#   from init on, though all shapes are right. The scores of a parent that survives are lost, and many survivors have
#   the score of the last child of the batch. No error tells. In MapElitesRepertoire each one keeps its own, and in
#   GARepertoire the fitnesses are right.
#
#   The source: `add` in qdax/core/containers/ga_repertoire.py sorts parents and children together, and takes these
#   indices out of the extra scores of the children alone. An index beyond their end is clipped by jax.
#
# Output seen:
#   repertoire   generations   survivors with their own score   different scores   fitnesses right
#   GA                     0                    1 of 8                      1                True
#   GA                     1                    0 of 8                      6                True
#   GA                     2                    1 of 8                      6                True
#   GA                    10                    0 of 8                      8                True
#   SPEA2                  0                    1 of 8                      1                True
#   SPEA2                  1                    0 of 8                      8                True
#   SPEA2                  2                    1 of 8                      7                True
#   SPEA2                 10                    0 of 8                      7                True
#   MAP-Elites             0                    4 of 4                      4                True
#   MAP-Elites             1                    7 of 7                      7                True
#   MAP-Elites             2                    7 of 7                      7                True
#   MAP-Elites            10                    8 of 8                      8                True
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

import jax.numpy as jnp
import numpy as np
from qdax.core.containers.ga_repertoire import GARepertoire
from qdax.core.containers.mapelites_repertoire import MapElitesRepertoire
from qdax.core.containers.spea2_repertoire import SPEA2Repertoire

SIZE = 8


def evaluated(rng, objectives):
    """Genotypes, their fitnesses, and an extra score that is the genotype itself."""
    genotypes = jnp.array(rng.normal(size=(SIZE, 1)), jnp.float32)
    columns = [-((genotypes - i) ** 2) for i in range(objectives)]
    return genotypes, jnp.concatenate(columns, axis=1), {"name": genotypes[:, 0]}


def population(kind, objectives, generations, **given):
    rng = np.random.default_rng(0)
    genotypes, fitnesses, scores = evaluated(rng, objectives)
    found = kind.init(genotypes, fitnesses, SIZE, extra_scores=scores, keys_extra_scores=("name",), **given)
    for _ in range(generations):
        found = found.add(*evaluated(rng, objectives))
    genotypes = np.asarray(found.genotypes)
    right = np.concatenate([-((genotypes - i) ** 2) for i in range(objectives)], axis=1)
    return genotypes[:, 0], np.asarray(found.extra_scores["name"]), np.allclose(right, found.fitnesses)


def grid(generations):
    rng = np.random.default_rng(0)
    centroids = jnp.linspace(-2.0, 2.0, SIZE)[:, None]
    genotypes, fitnesses, scores = evaluated(rng, 1)
    given = {"extra_scores": scores, "keys_extra_scores": ("name",)}
    found = MapElitesRepertoire.init(genotypes, fitnesses, genotypes, centroids, **given)
    for _ in range(generations):
        genotypes, fitnesses, scores = evaluated(rng, 1)
        found = found.add(genotypes, genotypes, fitnesses, scores)
    filled = np.asarray(found.fitnesses)[:, 0] > -np.inf
    return np.asarray(found.genotypes)[filled, 0], np.asarray(found.extra_scores["name"]).ravel()[filled], True


seen = {}
print("repertoire   generations   survivors with their own score   different scores   fitnesses right")
for name, make in (
    ("GA", lambda n: population(GARepertoire, 1, n)),
    ("SPEA2", lambda n: population(SPEA2Repertoire, 2, n, num_neighbours=3)),
    ("MAP-Elites", grid),
):
    for generations in (0, 1, 2, 10):
        genotypes, scores, right = make(generations)
        own = int(np.sum(np.isclose(genotypes, scores)))
        seen[name, generations] = (own, len(genotypes), len(np.unique(scores)), right)
        print(f"{name:13}{generations:11}{f'{own} of {len(genotypes)}':>26}{len(np.unique(scores)):23}{right!s:>20}")
fitnesses = all(row[3] for row in seen.values())
kept = all(row[0] == row[1] for (name, _), row in seen.items() if name == "MAP-Elites")
lost = all(row[0] <= 3 for (name, count), row in seen.items() if name != "MAP-Elites" and count)
sys.exit(0 if fitnesses and kept and lost else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
