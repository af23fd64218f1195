#!/usr/bin/env bash
# distrax.Multinomial has the entropy NaN from 124 trials on, and no gradient of its entropy at all.
#
# Date: 2026-11-28
#
# Versions: distrax 0.1.9, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   A multinomial distribution of 1,000 trials is an ordinary one: its log_prob, mean and draws are right. The entropy
#   of the counts is about 4, and one expects it, and its gradient, as of any other distribution of distrax.
#
#   It is NaN. _entropy_scalar_with_lax (distrax/_src/distributions/multinomial.py) multiplies each binomial
#   coefficient by the logarithm of a factorial before it multiplies by the likelihood. That product exceeds the
#   largest float32 from 124 trials on, and infinity times a likelihood of 0 is NaN. With 120 trials the result is
#   0.4% off already. The gradient raises a TypeError with any number of trials: the rule of power_no_nan multiplies
#   by the tangent of an integer exponent. The method was written for a loop under jit, and its docstring names no
#   limit.
#
# Output seen:
#   trials   entropy     right   log_prob of the mean     right
#        5    1.2430    1.2430                -0.8926   -0.8926
#      100    2.8044    2.8033                -2.3096   -2.3096
#      120    2.8830    2.8948                -2.4000   -2.4000
#      125       nan    2.9153                -2.4203   -2.4203
#     1000       nan    3.9563                -3.4566   -3.4570
#   its gradient: TypeError Called multiply with a float0 array
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
packages=('distrax==0.1.9' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import distrax
import jax
import jax.numpy as jnp
import numpy as np
import scipy.stats

PROBS = np.array([0.2, 0.8])
seen = {}
print("trials   entropy     right   log_prob of the mean     right")
for trials in (5, 100, 120, 125, 1000):
    model = distrax.Multinomial(total_count=trials, probs=jnp.asarray(PROBS, jnp.float32))
    counts = np.array([trials // 5, trials - trials // 5])
    exact = scipy.stats.multinomial(trials, PROBS)
    seen[trials] = float(model.entropy()), float(exact.entropy())
    logs = float(model.log_prob(jnp.asarray(counts))), float(exact.logpmf(counts))
    print(f"{trials:6} {seen[trials][0]:9.4f} {seen[trials][1]:9.4f} {logs[0]:22.4f} {logs[1]:9.4f}")

gradient = jax.grad(lambda logits: distrax.Multinomial(total_count=100, logits=logits).entropy())
try:
    gradient(jnp.zeros(2))
    refused = False
except TypeError as error:
    refused = True
    print("its gradient:", type(error).__name__, str(error).split(".")[0])
close = all(abs(seen[trials][0] - seen[trials][1]) < 0.02 for trials in (5, 100, 120))
nan = all(np.isnan(seen[trials][0]) and np.isfinite(seen[trials][1]) for trials in (125, 1000))
sys.exit(0 if close and nan and refused else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
