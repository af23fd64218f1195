#!/usr/bin/env bash
# probjax's independent Metropolis sampler finds a variance of 0.33 for a normal with a variance of 1.
#
# Date: 2026-11-30
#
# Versions: probjax 0.1.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, jaxtyping 0.3.11, chex 0.1.92, blackjax
#   1.7.1, ott-jax 0.6.0, Python 3.12, CPU.
#
# Behaviour:
#   An independent Metropolis sampler draws its proposals from a fixed distribution. When that one is the target, all
#   proposals are accepted, and the samples are independent.
#
#   GaussianIMH of probjax with a standard normal as the target and as the proposal accepts 67 % of its proposals. The
#   variance of 200000 samples is 0.33. For a target variance of 9 and a proposal variance of 16 it is 5.65. These are
#   the values of 1 / (1 / target + 1 / proposal + 1 / proposal^2), to the error of the samples. blackjax's kernel with
#   a right log density has 1.00 and 9.0.
#
#   The source: probjax/inference/kernels/imh.py. `wrap_logpdf` gives blackjax the density of the state that is left,
#   and blackjax asks for that of the state that is reached. `proposal_gaussian_logpdf` passes the variance where jax's
#   norm.logpdf takes the standard deviation.
#
# Output seen:
#   target variance 1.0, proposal 1.0: probjax 0.335, accepted 0.67
#       blackjax alone 1.005, accepted 1.00; the formula in the header 0.333
#   target variance 9.0, proposal 16.0: probjax 5.653, accepted 0.68
#       blackjax alone 9.016, accepted 0.82; the formula in the header 5.633
#   target variance 1.0, proposal 4.0: probjax 0.768, accepted 0.52
#       blackjax alone 1.002, accepted 0.59; the formula in the header 0.762
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
  'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'jaxtyping==0.3.11' 'chex==0.1.92' 'blackjax==1.7.1'
  'ott-jax==0.6.0'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi
# Other parts of the package need more packages, and this one does not.
alone=('probjax==0.1.0')
if command -v uv >/dev/null; then
  uv pip install -q -p "$folder/venv/bin/python" --no-deps "${alone[@]}" || exit 2
else
  "$folder/venv/bin/pip" install -q --no-deps "${alone[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import blackjax
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.stats import norm
from probjax.inference.kernels.imh import GaussianIMH

N = 200_000
found = []
for target, proposal in ((1.0, 1.0), (9.0, 16.0), (1.0, 4.0)):
    log_density = lambda x, v=target: -0.5 * jnp.sum(x**2) / v
    step = GaussianIMH.build_step(log_density)
    start = jnp.zeros(1)
    params = GaussianIMH.init_params(start, mean=jnp.zeros(1), cov=jnp.array([proposal]))
    kernel = blackjax.irmh.build_kernel()
    deviation = np.sqrt(proposal)

    def by_probjax(state, key):
        state, info = step(key, state, params)
        return state, (state.position[0], info.is_accepted)

    def by_blackjax(state, key):
        draw = lambda k: deviation * jax.random.normal(k, (1,))
        density = lambda origin, reached: norm.logpdf(reached.position, 0, deviation).sum()
        state, info = kernel(key, state, log_density, draw, density)
        return state, (state.position[0], info.is_accepted)

    keys = jax.random.split(jax.random.PRNGKey(0), N)
    results = []
    for body in (by_probjax, by_blackjax):
        _, (draws, accepted) = jax.lax.scan(body, blackjax.irmh.init(start, log_density), keys)
        results.append((float(draws.var()), float(accepted.mean())))
    (own, rate), (right, right_rate) = results
    formula = 1 / (1 / target + 1 / proposal + 1 / proposal**2)
    found.append((own / formula, right / target))
    print(f"target variance {target}, proposal {proposal}: probjax {own:.3f}, accepted {rate:.2f}")
    print(f"    blackjax alone {right:.3f}, accepted {right_rate:.2f}; the formula in the header {formula:.3f}")
sys.exit(0 if np.allclose(found, 1, atol=0.06) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
