#!/usr/bin/env bash
# artifex's masked autoregressive flow never links two coordinates: of correlated data it has an independent density.
#
# Date: 2026-11-30
#
# Versions: avitai-artifex 0.1.15, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, distrax 0.1.9, calibrax 0.1.14,
#   optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   The network of a masked autoregressive flow (MADE) lets each output depend on all earlier inputs: with n coordinates
#   there are n (n - 1) / 2 links, whatever the number of hidden layers. So a flow of two coordinates with one link fits
#   any normal distribution.
#
#   artifex's MADE has no link at all for two coordinates, 3 of 6 for four with one hidden layer, 1 of 6 with two, and
#   10 of 28 for eight with three: an output sees an input only if that is earlier by more than the number of hidden
#   layers. For data with a correlation of 0.95 a MAF of two layers ends at the log likelihood of two independent
#   coordinates, -2.86 for each example, where -1.68 is the best. More layers or steps change nothing.
#
#   The source: `_create_masks` in artifex/generative_models/models/flow/made.py has degrees that must be strictly
#   smaller (`<`) in each layer, where MADE has it in the last layer alone and `<=` in all others.
#
# Output seen:
#   coordinates  hidden layers   links of artifex   links of MADE
#             2              1                  0               1
#             2              2                  0               1
#             4              1                  3               6
#             4              2                  1               6
#             8              1                 21              28
#             8              3                 10              28
#   log likelihood: artifex -2.86, independent coordinates -2.86, the best -1.68
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
packages=(
  'avitai-artifex==0.1.15' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12' 'numpy==2.5.5' 'distrax==0.1.9'
  'calibrax==0.1.14' 'optax==0.2.8'
)
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
from artifex.generative_models.core.configuration import MAFConfig
from artifex.generative_models.core.configuration.flow_config import CouplingNetworkConfig
from artifex.generative_models.models.flow.made import MADE
from artifex.generative_models.models.flow.maf import MAF
from flax import nnx

links = {}
print("coordinates  hidden layers   links of artifex   links of MADE")
for size, layers in ((2, 1), (2, 2), (4, 1), (4, 2), (8, 1), (8, 3)):
    network = MADE(size, [64] * layers, rngs=nnx.Rngs(0))
    slopes = jax.jacobian(lambda x, network=network: network(x[None])[0][0])(jnp.linspace(-1, 1, size))
    links[size, layers] = int((np.abs(np.asarray(slopes)) > 1e-9).sum()), size * (size - 1) // 2
    print(f"{size:11}{layers:15}{links[size, layers][0]:19}{links[size, layers][1]:16}")

CORRELATION = 0.95
spread = np.array([[1, CORRELATION], [CORRELATION, 1]])
data = jnp.asarray(np.random.default_rng(0).multivariate_normal([0, 0], spread, size=4000), jnp.float32)
coupling = CouplingNetworkConfig(name="network", hidden_dims=(32,), activation="relu")
flow = MAF(MAFConfig(name="flow", coupling_network=coupling, input_dim=2, latent_dim=2, num_layers=2), rngs=nnx.Rngs(0))
optimizer = nnx.Optimizer(flow, optax.adam(0.01), wrt=nnx.Param)


@nnx.jit
def step(model, optimizer):
    loss, slope = nnx.value_and_grad(lambda model: -model.log_prob(data).mean())(model)
    optimizer.update(model, slope)
    return loss


for _ in range(1000):
    loss = step(flow, optimizer)
covariance = np.cov(np.asarray(data).T)
constant = 1 + np.log(2 * np.pi)
best = -constant - 0.5 * np.linalg.slogdet(covariance)[1]
independent = -constant - 0.5 * np.log(np.diag(covariance)).sum()
print(f"log likelihood: artifex {-float(loss):.2f}, independent coordinates {independent:.2f}, the best {best:.2f}")
none = links[2, 1][0] == 0 and links[2, 2][0] == 0 and all(a < b for a, b in links.values())
sys.exit(0 if none and abs(-float(loss) - independent) < 0.05 and best > independent + 1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
