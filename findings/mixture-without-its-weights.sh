#!/usr/bin/env bash
# probjax draws the parts of a mixture one half each, whatever their weights are, and the one after the other.
#
# Date: 2026-11-30
#
# Versions: probjax 0.1.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, jaxtyping 0.3.11, chex 0.1.92, Python
#   3.12, CPU.
#
# Behaviour:
#   A mixture has the weights 0.9 and 0.1. Its two parts are normals around -5 and 5, so 90 % of the samples should be
#   below 0, in any order. mean is -4 and log_prob has the weights.
#
#   50 % of 100000 samples of probjax are below 0. The first 50000 are all below, and the last 50000 all above. With
#   weights of 0.999 and 0.001 it is the same. So the mean of the samples is 0. When the two parts are given as one
#   normal with two locations, the order is random. But 69 % are below 0 then, and 73 % for 0.999.
#
#   The source: `Independent.sample` in probjax/distributions/independent.py joins the samples of the parts one after
#   the other and only then gives them the shape (samples, parts), so a row holds two samples of one part.
#   `Mixture.sample` in mixture.py passes the weights to jax.random.categorical, which expects their logarithms.
#
# Output seen:
#   weight 0.9, two normals: samples below 0: 0.500
#       in the first half 1.000, in the second 0.000; by log_prob 0.900
#   weight 0.9, one with two locations: samples below 0: 0.692
#       in the first half 0.693, in the second 0.691; by log_prob 0.900
#   weight 0.999, two normals: samples below 0: 0.500
#       in the first half 1.000, in the second 0.000; by log_prob 0.999
#   weight 0.999, one with two locations: samples below 0: 0.731
#       in the first half 0.733, in the second 0.730; by log_prob 0.999
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
packages=('jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1' 'jaxtyping==0.3.11' 'chex==0.1.92')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi
# The samplers of the package need more packages, and its distributions do not.
alone=('probjax==0.1.0')
if command -v uv >/dev/null; then
  uv pip install -q -p "$folder/venv/bin/python" --no-deps "${alone[@]}" || exit 2
else
  "$folder/venv/bin/pip" install -q --no-deps "${alone[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
import jax.numpy as jnp
import numpy as np
from probjax.distributions import Mixture, Normal

left, right = Normal(jnp.array(-5.0), jnp.array(1.0)), Normal(jnp.array(5.0), jnp.array(1.0))
both = Normal(jnp.array([-5.0, 5.0]), jnp.array([1.0, 1.0]))
grid = jnp.linspace(-12.0, 0.0, 4001)
shares, areas = [], []
for weight in (0.9, 0.999):
    for name, parts in (("two normals", [left, right]), ("one with two locations", both)):
        mixture = Mixture(jnp.array([weight, 1 - weight]), parts)
        draws = np.asarray(mixture.sample(jax.random.PRNGKey(0), (100_000,)))
        halves = [float(np.mean(half < 0)) for half in np.split(draws, 2)]
        area = float(np.trapezoid(np.exp(np.asarray(mixture.log_prob(grid)).ravel()), grid))
        shares.append(halves)
        areas.append(area - weight)
        print(f"weight {weight}, {name}: samples below 0: {np.mean(draws < 0):.3f}")
        print(f"    in the first half {halves[0]:.3f}, in the second {halves[1]:.3f}; by log_prob {area:.3f}")
wanted = [[1, 0], [0.69, 0.69], [1, 0], [0.731, 0.731]]
sys.exit(0 if np.allclose(shares, wanted, atol=0.01) and np.allclose(areas, 0, atol=1e-3) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
