#!/usr/bin/env bash
# artifex's MAF and IAF do not invert themselves with their default order: samples are of another density.
#
# Date: 2026-11-30
#
# Versions: avitai-artifex 0.1.15, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, distrax 0.1.9, calibrax 0.1.14,
#   optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   A flow has an inverse: inverse(forward(x)) is x, and the logarithms of the two determinants cancel. Samples come
#   from the inverse, and log_prob from the forward direction, so only if this holds are samples from the density that
#   was fitted. reverse_ordering of MAFConfig is True by default.
#
#   With one layer artifex's MAF is right to 1e-6. From two layers on the points that come back are off by 1 and more,
#   and the logarithms of the determinants by 0.5 and more, if reverse_ordering is left at True; with False it is right
#   for each number of layers. IAF, whose log_prob takes the inverse, is wrong in the same way.
#
#   The source: `MAFLayer.inverse` in artifex/generative_models/models/flow/maf.py (and `IAFLayer.inverse` in iaf.py)
#   finds the coordinates from the first to the last, whatever the order of the layer. Each second layer has the reverse
#   order, in which the first coordinate depends on all others, which are still 0 then.
#
# Output seen:
#   flow  layers  reverse_ordering   error of inverse(forward(x))   of the determinants
#   MAF       1  True                                    2.4e-07               8.9e-08
#   MAF       1  False                                   2.4e-07               8.9e-08
#   MAF       2  True                                    1.6e+00               1.2e+00
#   MAF       2  False                                   2.4e-07               8.9e-08
#   MAF       3  True                                    1.6e+00               1.2e+00
#   MAF       3  False                                   2.4e-07               1.8e-07
#   IAF       1  True                                    2.4e-07               8.9e-08
#   IAF       1  False                                   2.4e-07               8.9e-08
#   IAF       2  True                                    1.1e+00               1.1e+00
#   IAF       2  False                                   2.4e-07               1.8e-07
#   IAF       3  True                                    1.1e+00               1.1e+00
#   IAF       3  False                                   3.6e-07               2.4e-07
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
from artifex.generative_models.core.configuration import IAFConfig, MAFConfig
from artifex.generative_models.core.configuration.flow_config import CouplingNetworkConfig
from artifex.generative_models.models.flow.iaf import IAF
from artifex.generative_models.models.flow.maf import MAF
from flax import nnx

SIZE = 6
points = 0.5 * jax.random.normal(jax.random.key(1), (100, SIZE))
coupling = CouplingNetworkConfig(name="network", hidden_dims=(64,), activation="relu")
seen = {}
print("flow  layers  reverse_ordering   error of inverse(forward(x))   of the determinants")
for kind, config in ((MAF, MAFConfig), (IAF, IAFConfig)):
    for layers in (1, 2, 3):
        for reverse in (True, False):
            settings = {"num_layers": layers, "reverse_ordering": reverse, "input_dim": SIZE, "latent_dim": SIZE}
            flow = kind(config(name="flow", coupling_network=coupling, **settings), rngs=nnx.Rngs(0))
            if kind is MAF:
                result = flow(points)
                there, first = result["z"], result["logdet"]
            else:
                there, first = flow.forward(points)
            back, second = flow.inverse(there)
            error = float(jnp.abs(back - points).max()), float(jnp.abs(first + second).max())
            seen[kind.__name__, layers, reverse] = error
            print(f"{kind.__name__:4}{layers:7}  {reverse!s:16}{error[0]:31.1e}{error[1]:22.1e}")
right = all(max(e) < 1e-3 for (_, layers, reverse), e in seen.items() if layers == 1 or not reverse)
wrong = all(min(e) > 0.1 for (_, layers, reverse), e in seen.items() if layers > 1 and reverse)
default = MAFConfig(name="flow", coupling_network=coupling, input_dim=2).reverse_ordering
sys.exit(0 if right and wrong and default else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
