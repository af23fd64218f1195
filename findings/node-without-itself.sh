#!/usr/bin/env bash
# jraphx.SAGEConv(aggr="gcn") leaves a node's own features out and sums its neighbours: 1,000, where the mean is 1.
#
# Date: 2026-11-30
#
# Versions: jraphx 0.1.0, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The paper that jraphx names for its GraphSAGE layer has an aggregator of the kind of a GCN: equation 2 takes the
#   mean over a node and its neighbours together, and one weight for all of it. A comment in the layer says that loops
#   from each node to itself are included by default.
#
#   There are none. The output of a node has nothing of its own features, so what a label owes to them cannot be
#   learnt in one layer, and a node without neighbours is 0 plus the bias. It is the sum of the neighbours and not the
#   mean: features that are all 1 become 1,000 for a node with 1,000 neighbours. Loops that the caller adds bring the
#   node back, and not the mean. The aggregators "mean" and "max" have a weight of their own for the node.
#
#   The source: `SAGEConv` in jraphx/nn/conv/sage_conv.py turns "gcn" into the aggregation "add" and root_weight off,
#   and hands the edges to `propagate` as they came.
#
# Output seen:
#   path of three nodes: part of each node in each output
#     jraphx  0.00  1.00  0.00   paper  0.50  0.50  0.00
#     jraphx  1.00  0.00  1.00   paper  0.33  0.33  0.33
#     jraphx  0.00  1.00  0.00   paper  0.00  0.50  0.50
#   all features 1       degree   jraphx   paper
#                             0     0.00    1.00
#                             1     1.00    1.00
#                            10    10.00    1.00
#                          1000  1000.00    1.00
#   path with loops added by hand:
#     jraphx  1.00  1.00  0.00
#     jraphx  1.00  1.00  1.00
#     jraphx  0.00  1.00  1.00
#   with aggr='mean' each node has this of itself: 1.00 1.00 1.00
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
packages=('jraphx==0.1.0' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from flax import nnx
from jraphx.nn.conv import SAGEConv


def right(x, edges, kernel, bias):
    """The mean over a node and its neighbours, and then the layer, as in equation 2 of the paper."""
    total, count = x.copy(), np.ones(len(x))
    for source, target in edges.T:
        total[target] += x[source]
        count[target] += 1
    return total / count[:, None] @ kernel + bias


def ours(layer, x, edges):
    return np.asarray(layer(jnp.asarray(x, jnp.float32), jnp.asarray(edges)))


layer = SAGEConv(3, 3, aggr="gcn", rngs=nnx.Rngs(0))
layer.lin.kernel[...] = jnp.eye(3)
kernel, bias = np.eye(3), np.zeros(3)
path = np.array([[0, 1, 1, 2], [1, 0, 2, 1]])
print("path of three nodes: part of each node in each output")
one, other = ours(layer, np.eye(3), path), right(np.eye(3), path, kernel, bias)
for row, wanted in zip(one, other):
    print("  jraphx " + " ".join(f"{v:5.2f}" for v in row) + "   paper " + " ".join(f"{v:5.2f}" for v in wanted))
print("all features 1       degree   jraphx   paper")
sizes = {}
for degree in (0, 1, 10, 1000):
    star = np.array([np.arange(1, degree + 1), np.zeros(degree)], int).reshape(2, -1)
    features = np.ones((degree + 1, 3))
    sizes[degree] = ours(layer, features, star)[0, 0], right(features, star, kernel, bias)[0, 0]
    print(f"{degree:27}{sizes[degree][0]:9.2f}{sizes[degree][1]:8.2f}")
loops = np.concatenate([path, np.array([[0, 1, 2]] * 2)], axis=1)
looped = ours(layer, np.eye(3), loops)
print("path with loops added by hand:")
for row in looped:
    print("  jraphx " + " ".join(f"{v:5.2f}" for v in row))
mean = SAGEConv(3, 3, aggr="mean", rngs=nnx.Rngs(0))
mean.lin.kernel[...] = mean.lin_r.kernel[...] = jnp.eye(3)
own = np.diag(ours(mean, np.eye(3), path))
print("with aggr='mean' each node has this of itself: " + " ".join(f"{v:.2f}" for v in own))
wrong = not np.diag(one).any() and all(a == degree for degree, (a, _) in sizes.items()) and (np.diag(looped) == 1).all()
sys.exit(0 if wrong and (np.diag(other) > 0.3).all() and (own == 1).all() else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
