#!/usr/bin/env bash
# The density of artifex's neural spline flow integrates to 2.1 with one layer and to 3.4 with two, where 1 is right.
#
# Date: 2026-11-30
#
# Versions: avitai-artifex 0.1.15, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, distrax 0.1.9, calibrax 0.1.14,
#   optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   The density of a normalizing flow integrates to 1: the base density times the determinant of the transformation. The
#   determinant of a rational quadratic spline has a closed form (Durkan et al., 2019, equation 5).
#
#   Each spline of artifex divides its slope by the width of the bin once too often, so the log determinant is off by
#   the logarithm of the width, at three points by 0.23, -0.24 and 0.11. The density of two coordinates integrates to
#   2.1 with one layer of a new flow and to 3.4 with two; eight are the default. As narrow bins have a larger error, a
#   fit of the likelihood is drawn to them: it can raise the log likelihood by 7 where a bin has the smallest width.
#   With the determinant from jax.jacobian the same flows integrate to 1. The inverse has the same error with the other
#   sign, so that the two cancel in a test.
#
#   The source: `_rational_quadratic_spline_forward` and `_rational_quadratic_spline_inverse` in
#   artifex/generative_models/models/flow/neural_spline.py divide by `(x_k1 - x_k)` at the end, where the square of
#   `s_k` already has it.
#
# Output seen:
#   point            log determinant of artifex   of jax.jacobian   of the inverse
#   (0.3, -0.5)                            0.4848            0.2589          -0.4848
#   (1.0, 2.0)                            -0.2375            0.0030           0.2375
#   (-1.0, 0.2)                           -0.7092           -0.8157           0.7092
#   (0.0, 5.0)                             0.0000            0.0000           0.0000
#   1 layers: integral of the density 2.08, with jax.jacobian 1.00
#   2 layers: integral of the density 3.43, with jax.jacobian 1.00
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
from artifex.generative_models.core.configuration import NeuralSplineConfig
from artifex.generative_models.core.configuration.flow_config import CouplingNetworkConfig
from artifex.generative_models.models.flow.neural_spline import NeuralSplineFlow, SplineCouplingLayer
from flax import nnx

layer = SplineCouplingLayer(jnp.array([1, 0]), [16], rngs=nnx.Rngs(0))
print("point            log determinant of artifex   of jax.jacobian   of the inverse")
rows = []
for point in ((0.3, -0.5), (1.0, 2.0), (-1.0, 0.2), (0.0, 5.0)):
    x = jnp.array([point])
    there, own = layer.forward(x)
    right = jnp.linalg.slogdet(jax.jacobian(lambda v: layer.forward(v[None])[0][0])(x[0]))[1]
    rows.append((float(own[0]), float(right), float(layer.inverse(there)[1][0])))
    print(f"{point!s:13}{rows[-1][0]:32.4f}{rows[-1][1]:18.4f}{rows[-1][2]:17.4f}")

coupling = CouplingNetworkConfig(name="network", hidden_dims=(16,), activation="relu")
grid = np.linspace(-6, 6, 301)
places = jnp.asarray(np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2), jnp.float32)
total = {}
for layers in (1, 2):
    config = NeuralSplineConfig(
        name="flow", coupling_network=coupling, input_dim=2, latent_dim=2, num_layers=layers, base_distribution="normal"
    )
    flow = NeuralSplineFlow(config, rngs=nnx.Rngs(0))
    there = flow.forward(places)[0]
    slopes = jax.jit(jax.vmap(jax.jacobian(lambda v, flow=flow: flow.forward(v[None])[0][0])))(places)
    right = -0.5 * jnp.sum(there**2, axis=1) - jnp.log(2 * jnp.pi) + jnp.linalg.slogdet(slopes)[1]
    densities = [np.exp(np.asarray(values, float)) for values in (flow.log_prob(places), right)]
    total[layers] = [float(values.sum() * (grid[1] - grid[0]) ** 2) for values in densities]
    print(f"{layers} layers: integral of the density {total[layers][0]:.2f}, with jax.jacobian {total[layers][1]:.2f}")
inside = all(0.1 < abs(own - right) < 0.6 and abs(own + back) < 1e-3 for own, right, back in rows[:3])
unit = all(abs(row[1] - 1) < 0.05 for row in total.values())
outside = abs(rows[3][0] - rows[3][1]) < 1e-4
sys.exit(0 if inside and outside and unit and total[1][0] > 1.5 and total[2][0] > 2.5 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
