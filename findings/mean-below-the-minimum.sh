#!/usr/bin/env bash
# probjax's Pareto distribution of values above 2 has a mean of 1, and its own samples have one of 3.
#
# Date: 2026-11-30
#
# Versions: probjax 0.1.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, jaxtyping 0.3.11, chex 0.1.92, Python
#   3.12, CPU.
#
# Behaviour:
#   A Pareto distribution with the scale 2 has no value below 2. So its mean is above 2. With alpha = 3 the mean is
#   alpha times the scale over (alpha - 1), which is 3. The variance is 3.
#
#   The mean of probjax is 1, below all values the distribution can have. The variance is 1. Its own samples have a mean
#   of 3.00 and the right smallest value. The median of the same object is 2.52, which is right.
#
#   The source: `Pareto.mean` and `Pareto.variance` in probjax/distributions/continuous.py lack the factor alpha. scale
#   / (alpha - 1) is the mean of the Lomax distribution, which begins at 0.
#
# Output seen:
#   alpha 3.0, scale 2.0: mean 1.000, variance 1.0000
#       scipy 3.000, 3.0000; its samples 2.998, from 2.000
#       median 2.520, scipy 2.520
#   alpha 6.0, scale 5.0: mean 1.000, variance 0.2500
#       scipy 6.000, 1.5000; its samples 5.999, from 5.000
#       median 5.612, scipy 5.612
#   alpha 2.5, scale 0.1: mean 0.067, variance 0.0089
#       scipy 0.167, 0.0222; its samples 0.166, from 0.100
#       median 0.132, scipy 0.132
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
from probjax.distributions import Pareto
from scipy import stats

ratios = []
for alpha, scale in ((3.0, 2.0), (6.0, 5.0), (2.5, 0.1)):
    pareto = Pareto(jnp.array(alpha), jnp.array(scale))
    right = stats.pareto(alpha, scale=scale)
    draws = np.asarray(pareto.sample(jax.random.PRNGKey(0), (400_000,)))
    ratios.append((float(pareto.mean) / right.mean() * alpha, float(pareto.variance) / right.var() * alpha))
    print(f"alpha {alpha}, scale {scale}: mean {float(pareto.mean):.3f}, variance {float(pareto.variance):.4f}")
    print(f"    scipy {right.mean():.3f}, {right.var():.4f}; its samples {draws.mean():.3f}, from {draws.min():.3f}")
    print(f"    median {float(pareto.median):.3f}, scipy {right.median():.3f}")
sys.exit(0 if np.allclose(ratios, 1, rtol=1e-4) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
