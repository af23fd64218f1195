#!/usr/bin/env bash
# The mean of a mixture of distreqx is the list of the means of its components, and so is the variance.
#
# Date: 2026-11-30
#
# Versions: distreqx 0.0.3, equinox 0.13.8, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   distreqx.MixtureSameFamily takes its components as one vmapped distribution, made by equinox.filter_vmap. A mixture
#   of 0.2 N(0, 1) and 0.8 N(3, 4) has the mean 2.4 and the variance 4.84. One expects what the mean and the variance of
#   many draws are.
#
#   mean() is [0, 3] and variance() is [1, 4]: the weights have no effect, and each component has its own entry. With
#   components of three coordinates there is a table where a vector is right, and stddev() is as wrong. No error tells,
#   and in arithmetic the result broadcasts. The draws are right, and so is a mixture of Gammas.
#
#   The source: `mean` and `variance` in distreqx/distributions/_mixture_same_family.py append as many axes to the
#   weights as event_shape has. The event_shape of a vmapped Normal has the axis of the components too, so that the
#   weights stand on a new axis and sum to 1 there. That of a Gamma is ().
#
# Output seen:
#   mixture of         what      distreqx                   right              of 100,000 draws
#   normal             mean      [0. 3.]                    2.4                2.4
#   normal             variance  [1. 4.]                    4.84               4.84
#   normal             stddev    [1. 2.]                    2.2                2.2
#   gamma              mean      2.8                        2.8                2.8
#   gamma              variance  1.36                       1.36               1.36
#   gamma              stddev    1.17                       1.17               1.17
#   three coordinates  mean      [[0. 1. 2.] [3. 4. 5.]]    [2.4 3.4 4.4]      [2.4  3.41 4.4 ]
#   three coordinates  variance  [[1. 1. 1.] [4. 4. 4.]]    [4.84 4.84 4.84]   [4.84 4.84 4.82]
#   three coordinates  stddev    [[1. 1. 1.] [2. 2. 2.]]    [2.2 2.2 2.2]      [2.2 2.2 2.2]
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
packages=('distreqx==0.0.3' 'equinox==0.13.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from distreqx.distributions import Categorical, Gamma, MixtureSameFamily, MultivariateNormalDiag, Normal

WEIGHTS = np.array([0.2, 0.8])
CASES = {
    "normal": (Normal, [[0.0, 3.0], [1.0, 2.0]]),
    "gamma": (Gamma, [[2.0, 9.0], [1.0, 3.0]]),
    "three coordinates": (MultivariateNormalDiag, [[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], [[1.0] * 3, [2.0] * 3]]),
}
seen = {}
print("mixture of         what      distreqx                   right              of 100,000 draws")
for name, (kind, parameters) in CASES.items():
    first, second = (np.array(p) for p in parameters)
    mixture = MixtureSameFamily(
        Categorical(probs=jnp.array(WEIGHTS)), eqx.filter_vmap(kind)(jnp.array(first), jnp.array(second))
    )
    means, variances = (first / second, first / second**2) if kind is Gamma else (first, second**2)
    mean = np.tensordot(WEIGHTS, means, 1)
    variance = np.tensordot(WEIGHTS, variances + (means - mean) ** 2, 1)
    draws = np.asarray(jax.vmap(mixture.sample)(jax.random.split(jax.random.key(0), 100_000)))
    rows = {
        "mean": (np.asarray(mixture.mean()), mean, draws.mean(0), means),
        "variance": (np.asarray(mixture.variance()), variance, draws.var(0), variances),
        "stddev": (np.asarray(mixture.stddev()), np.sqrt(variance), draws.std(0), np.sqrt(variances)),
    }
    for what, (found, right, drawn, components) in rows.items():
        seen[name, what] = (found, right, drawn, components)
        texts = [np.array2string(np.float64(a), precision=2).replace("\n", "") for a in (found, right, drawn)]
        print(f"{name:19}{what:10}{texts[0]:27}{texts[1]:19}{texts[2]}")
lists = all(
    found.shape == components.shape and np.allclose(found, components)
    for (name, _), (found, _, _, components) in seen.items()
    if name != "gamma"
)
gamma = all(np.allclose(found, right) for (name, _), (found, right, _, _) in seen.items() if name == "gamma")
draws = all(np.allclose(drawn, right, atol=0.05) for _, right, drawn, _ in seen.values())
sys.exit(0 if lists and gamma and draws else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
