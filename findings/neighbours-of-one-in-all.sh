#!/usr/bin/env bash
# tsnex.transform returns the principal components of its data, for each perplexity and learning rate.
#
# Date: 2026-11-30
#
# Versions: tsnex 0.0.3, pcax 0.1.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   The readme calls tsnex a minimal implementation of t-distributed stochastic neighbor embedding. In t-SNE each point
#   has a kernel of its own width, found by bisection so that the perplexity of its neighbours is the one asked for; the
#   embedding starts from the principal components and is moved by the gradient.
#
#   For 400 images of digits nothing moves: the result is the principal components, with the perplexity 5, 30 and 100
#   and with learning rates of 0.001 and 1. A neighbourhood is kept as well as by PCA (0.87, where scikit-learn's t-SNE
#   has 0.99). The probabilities of all pairs sum to 1e-13, where they are to sum to 1, so that there is no gradient. No
#   warning or flag says so.
#
#   The source: tsnex/tsne.py. `_binary_search_perplexity` looks for one width for all points, and `perplexity_fun`
#   raises 2 to the sum of the entropies of all of them, which is far above any target. `body_fun` then sets `sigma_max`
#   from the width that it has just halved, so that a search which once was above can never go up again: it halves until
#   the perplexity is 1 and all probabilities are 0, and stays there for the rest of 200 iterations. (The embedding also
#   has a normal kernel, no t-distribution: `jax.nn.softmax(-distances)`.)
#
# Output seen:
#   perplexity  learning rate  moved by  sum of probabilities  trustworthiness
#          5.0          0.001   0.0e+00               1.3e-13            0.873
#          5.0            1.0   0.0e+00               1.3e-13            0.873
#         30.0          0.001   0.0e+00               1.3e-13            0.873
#         30.0            1.0   0.0e+00               1.3e-13            0.873
#        100.0          0.001   0.0e+00               1.3e-13            0.873
#        100.0            1.0   0.0e+00               1.3e-13            0.873
#   principal components 0.873, t-SNE of scikit-learn 0.991
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
packages=('tsnex==0.0.3' 'pcax==0.1.0' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scikit-learn==1.9.1')
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
import pcax
import tsnex
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE, trustworthiness
from tsnex import tsne

data = load_digits().data[:400].astype(np.float32) / 16
start = np.asarray(pcax.transform(pcax.fit(jnp.asarray(data), 2), jnp.asarray(data)))
distances = tsne.all_to_all(tsne.euclidean_distance)(jnp.asarray(data), jnp.asarray(data))
rows = []
print("perplexity  learning rate  moved by  sum of probabilities  trustworthiness")
for perplexity in (5.0, 30.0, 100.0):
    for rate in (0.001, 1.0):
        found = np.asarray(tsnex.transform(jnp.asarray(data), perplexity=perplexity, learning_rate=rate))
        width = tsne._binary_search_perplexity(distances, perplexity)
        total = float(tsne._joint_probability(distances, width).sum())
        rows.append((float(np.abs(found - start).max()), total, trustworthiness(data, found, n_neighbors=12)))
        print(f"{perplexity:10}{rate:15}{rows[-1][0]:10.1e}{rows[-1][1]:22.1e}{rows[-1][2]:17.3f}")
pca = trustworthiness(data, start, n_neighbors=12)
right = trustworthiness(data, TSNE(perplexity=30, random_state=0).fit_transform(data), n_neighbors=12)
print(f"principal components {pca:.3f}, t-SNE of scikit-learn {right:.3f}")
still = all(row[0] < 1e-5 and row[1] < 1e-9 and abs(row[2] - pca) < 1e-6 for row in rows)
sys.exit(0 if still and right > pca + 0.05 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
