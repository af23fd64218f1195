#!/usr/bin/env bash
# thermox's exact Ornstein-Uhlenbeck process has a variance of 129, where 5.95 is right, if its drift is a chain.
#
# Date: 2026-11-30
#
# Versions: thermox 0.0.6, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   An Ornstein-Uhlenbeck process, dx = -A x dt + sqrt(D) dW, has a normal distribution after each time, with a
#   covariance that the matrix exponential gives. thermox says that it samples such a process exactly, for a drift
#   matrix A, and names no condition on it. So one expects one step of the length 2 to be as two of the length 1.
#
#   That holds only if A commutes with its transpose, once D is made the identity. A drift like that of a chain, where
#   one coordinate feeds the next, gets the covariance that belongs to the symmetric part of A. One step of the length
#   4 has the variance 0.84 where 1.11 is right, and with a stronger link 129 where 5.95 is right. The same process in
#   64 short steps comes out right to 1%, so the result depends on how often one looks. log_prob has the same error,
#   so a fit by it is biased. The mean is right, and all is right for a symmetric A or a pure rotation. Nothing warns.
#
#   The source: `transition_cov_sqrt_vp` in thermox/sampler.py, and `covariance` in thermox/conditional.py, take the
#   eigenvalues of (A + A.T) / 2 in the place of the integral of expm(-A s) @ expm(-A s).T.
#
# Output seen:
#   variance of the second coordinate at the time 4, from 100000 draws
#   drift          exact   thermox.conditional   drawn in 1 step   in 4 steps   in 64 steps
#   symmetric      0.658                 0.658             0.658        0.652         0.661
#   rotation       0.500                 0.500             0.502        0.498         0.502
#   chain, 1       1.106                 0.843             0.841        1.066         1.104
#   chain, 3       5.953               128.894           128.473       10.448         5.977
#   Euler's method with 400 steps, chain, 3: 5.957
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
packages=('thermox==0.0.6' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
import scipy.linalg
import thermox

jax.config.update("jax_enable_x64", True)
NUMBER = 100_000
DRIFTS = {
    "symmetric": [[1.0, 0.5], [0.5, 1.0]],
    "rotation": [[1.0, 2.0], [-2.0, 1.0]],
    "chain, 1": [[0.5, 0.0], [-1.0, 1.0]],
    "chain, 3": [[0.5, 0.0], [-3.0, 1.0]],
}


def exact(drift, time):
    """The covariance after a time, by the Lyapunov equation, with the diffusion 1."""
    limit = scipy.linalg.solve_continuous_lyapunov(drift, np.eye(2))
    step = scipy.linalg.expm(-drift * time)
    return limit - step @ limit @ step.T


def drawn(drift, steps):
    """The variance of the second coordinate at the time 4, in so many steps."""
    times = jnp.linspace(0, 4, steps + 1)
    args = times, jnp.zeros(2), jnp.asarray(drift), jnp.zeros(2), jnp.eye(2)
    last = jax.jit(jax.vmap(lambda key: thermox.sample(key, *args)[-1]))
    return float(np.var(np.asarray(last(jax.random.split(jax.random.key(0), NUMBER)))[:, 1]))


seen = {}
print("variance of the second coordinate at the time 4, from", NUMBER, "draws")
print("drift          exact   thermox.conditional   drawn in 1 step   in 4 steps   in 64 steps")
for name, values in DRIFTS.items():
    drift = np.array(values)
    formula = float(thermox.conditional.covariance(4.0, jnp.asarray(drift), jnp.eye(2))[1, 1])
    seen[name] = row = [exact(drift, 4.0)[1, 1], formula, *(drawn(drift, steps) for steps in (1, 4, 64))]
    print(f"{name:12}{row[0]:8.3f}{row[1]:22.3f}{row[2]:18.3f}{row[3]:13.3f}{row[4]:14.3f}")
# Euler's method with small steps, which knows nothing of these formulas.
drift, state, size = np.array(DRIFTS["chain, 3"]), np.zeros((NUMBER, 2)), 0.01
rng = np.random.default_rng(0)
for _ in range(400):
    state = state - size * state @ drift.T + size**0.5 * rng.normal(size=state.shape)
euler = float(np.var(state[:, 1]))
print(f"Euler's method with 400 steps, chain, 3: {euler:.3f}")
right = all(max(abs(v / seen[name][0] - 1) for v in seen[name]) < 0.03 for name in ("symmetric", "rotation"))
right &= abs(euler / seen["chain, 3"][0] - 1) < 0.03
CHAINS = (("chain, 1", 0.843), ("chain, 3", 128.9))
wrong = all(abs(seen[name][i] / size - 1) < 0.03 for name, size in CHAINS for i in (1, 2))
right &= all(abs(seen[name][4] / seen[name][0] - 1) < 0.03 for name in ("chain, 1", "chain, 3"))
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
