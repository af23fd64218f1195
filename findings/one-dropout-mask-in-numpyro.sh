#!/usr/bin/env bash
# numpyro gives a network of NNX one dropout mask in all draws of a prediction, and with each seed.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpyro 0.22.0, Python 3.12, CPU.
#
# Behaviour:
#   nnx_module makes a network of NNX part of a model of numpyro. Predictive draws from the model with a key
#   for each draw, so a network with dropout gives the spread of Monte Carlo dropout, and seed(model, 0) and
#   seed(model, 1) differ.
#
#   Every draw has the same mask, whatever the key: the spread of the mean is 0. Random streams are
#   Variables, and nnx_module (numpyro/contrib/module.py) keeps all that is no Param as mutable state that it
#   starts from the module as it was built. Nothing connects it with the key of the handler. Predictive has
#   no way to carry mutable state from draw to draw, so each begins with the same count. A network of Linen
#   in flax_module takes rngs={"dropout": numpyro.prng_key()}, and has the spread. The remedy here is to
#   build the module inside of the model, with a stream from prng_key().
#
# Output seen:
#                   deviation over 200 draws   difference of two seeds
#   Linen                0.591                    0.690
#   NNX                  0.000                    0.000
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpyro==0.22.0')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from flax import nnx
from numpyro.contrib.module import flax_module, nnx_module
from numpyro.handlers import seed, trace
from numpyro.infer import Predictive

x = jax.random.normal(jax.random.key(0), (16, 3))


class Net(nnx.Module):
    def __init__(self, rngs):
        self.first, self.last = nnx.Linear(3, 64, rngs=rngs), nnx.Linear(64, 1, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, rngs=rngs)

    def __call__(self, x):
        return self.last(self.dropout(nnx.relu(self.first(x))))


class LinenNet(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(1)(nn.Dropout(0.5, deterministic=False)(nn.relu(nn.Dense(64)(x))))


net = Net(nnx.Rngs(0))


def nnx_model(x):
    numpyro.deterministic("mean", nnx_module("net", net)(x))


def linen_model(x):
    network = flax_module("net", LinenNet(), input_shape=x.shape, apply_rng=["dropout"])
    numpyro.deterministic("mean", network(x, rngs={"dropout": numpyro.prng_key()}))


def spread(model):
    """The deviation of the prediction over 200 draws, and over the seeds 0 and 1, for fixed weights."""
    site = trace(seed(model, 0)).get_trace(x)["net$params"]
    draws = Predictive(model, params={"net$params": site["value"]}, num_samples=200)(jax.random.key(1), x)["mean"]
    fixed = numpyro.handlers.substitute(model, {"net$params": site["value"]})
    pair = jnp.stack([trace(seed(fixed, number)).get_trace(x)["mean"]["value"] for number in (0, 1)])
    return float(draws.std(0).mean()), float(jnp.abs(pair[0] - pair[1]).mean())


print("                deviation over 200 draws   difference of two seeds")
nnx_spread, linen_spread = spread(nnx_model), spread(linen_model)
print("Linen           {:10.3f} {:24.3f}".format(*linen_spread))
print("NNX             {:10.3f} {:24.3f}".format(*nnx_spread))
sys.exit(0 if max(nnx_spread) < 1e-4 and min(linen_spread) > 0.05 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
