#!/usr/bin/env bash
# numpyro drops a prior for a weight that a module of NNX does not have, and the weight is a constant in all draws.
#
# Date: 2026-11-29
#
# Versions: numpyro 0.22.0, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   random_nnx_module takes a dict from the names of parameters to priors. One expects a name that the module does not
#   have to be refused, as orbax refuses a field that is not in the checkpoint, or at least to be warned of. The
#   docstring shows the names "w" and "b" of one layer, and not how the names of nested layers are made.
#
#   The name of a nested weight is "hidden.kernel". The forms of other places, "hidden/kernel", "hidden.kernel.value"
#   and "kernel", are dropped without a word. So is a prior for a layer of an nnx.List by "layers[0].kernel", where
#   "layers.0.kernel" is right. A weight without a prior is no error: it stays at the random number that its
#   initializer drew, in each draw of the posterior, and all that is learnt about the others is conditional on it. In
#   the output the noise takes what the network cannot learn. If no name is right, only the noise is sampled.
#
#   The source: `_update_params` in numpyro/contrib/module.py walks over the parameters and asks for each whether its
#   name is in the dict. Nothing asks for each name in the dict whether it has been met. random_flax_module and
#   random_eqx_module use the same function.
#
# Output seen:
#   hidden.kernel     4 priors, 4 sites, noise 0.00: hidden.bias hidden.kernel layers.0.bias layers.0.kernel
#   hidden/kernel     4 priors, 3 sites, noise 0.01: hidden.bias layers.0.bias layers.0.kernel
#   layers[0].kernel  4 priors, 2 sites, noise 0.67: hidden.bias hidden.kernel
#   kernel            2 priors, 0 sites, noise 0.68:
#   warnings about a prior: 0
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
packages=('numpyro==0.22.0' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from flax import nnx
from numpyro.contrib.module import random_nnx_module
from numpyro.infer import MCMC, NUTS

numpyro.set_platform("cpu")


class Network(nnx.Module):
    def __init__(self, rngs):
        self.hidden = nnx.Linear(1, 3, rngs=rngs)
        self.layers = nnx.List([nnx.Linear(3, 1, rngs=rngs)])

    def __call__(self, x):
        return self.layers[0](jnp.tanh(self.hidden(x)))[:, 0]


x = jnp.linspace(-2, 2, 12)[:, None]
y = jnp.sin(2 * x[:, 0])
NAMES = {
    "hidden.kernel": "hidden.kernel layers.0.kernel hidden.bias layers.0.bias",
    "hidden/kernel": "hidden/kernel layers.0.kernel hidden.bias layers.0.bias",
    "layers[0].kernel": "hidden.kernel layers[0].kernel hidden.bias layers[0].bias",
    "kernel": "kernel bias",
}
seen = {}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for name, names in NAMES.items():
        prior = {each: dist.Normal(0, 2) for each in names.split()}

        def model(x, y, prior=prior):
            network = random_nnx_module("net", Network(nnx.Rngs(0)), prior=prior)
            numpyro.sample("y", dist.Normal(network(x), numpyro.sample("noise", dist.HalfNormal(1.0))), obs=y)

        chain = MCMC(NUTS(model), num_warmup=200, num_samples=200, progress_bar=False)
        chain.run(jax.random.key(0), x, y)
        sites = sorted(chain.get_samples())
        seen[name] = [site for site in sites if site != "noise"]
        noise = float(np.mean(chain.get_samples()["noise"]))
        found = " ".join(site.removeprefix("net/") for site in seen[name])
        print(f"{name:17} {len(prior)} priors, {len(seen[name])} sites, noise {noise:.2f}: {found}")
about = [str(w.message) for w in caught if "prior" in str(w.message) or "hidden" in str(w.message)]
print("warnings about a prior:", len(about))
counts = [len(sites) for sites in seen.values()]
sys.exit(0 if counts == [4, 3, 2, 0] and not about else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
