#!/usr/bin/env bash
# brax.math.inv_approximate makes its own start worse and stays there: an error of 10 after 10 and 1,000 iterations.
#
# Date: 2026-11-29
#
# Versions: brax 0.14.2, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, mujoco 4.0.0, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   inv_approximate improves an approximate inverse by Newton-Schulz iterations. If the guess is too far off, it starts
#   from 0.5 * a.T / trace(a @ a.T) instead, from which the iteration converges for each invertible matrix. So one
#   expects the inverse, given enough iterations.
#
#   With the identity as the guess 45 of 100 matrices are not inverted, with 10 iterations or 1,000, and with 10 times
#   the identity none is. What comes back can be worse than the start, and nothing says so. The plain iteration from the
#   same start has converged after 20. A guess that is near enough is improved as it should be.
#
#   The source: in brax/math.py the residual r0 and the error of the old guess are not computed again after the start
#   was replaced, so that the first step multiplies the new start by the residual of the old guess. The step is refused,
#   but its residual and its error are kept in the carry, and each later step is measured against a point that is not
#   there.
#
# Output seen:
#                            matrices of 100     one of them after            plain iteration after
#   guess                    never inverted     10        1,000              0          20
#   1.1 times the inverse                  0  8.58e-08   8.58e-08       1.76e+00    1.35e-07
#   the identity                          45  2.62e+00   2.62e+00       1.80e+00    1.73e-07
#   10 times the identity                100  1.01e+01   1.01e+01       1.76e+00    1.35e-07
#   minus the inverse                      0  1.41e-01   1.09e-07       1.76e+00    1.35e-07
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
packages=('brax==0.14.2' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'mujoco==4.0.0' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import contextlib
import io
import sys

import jax
import jax.numpy as jnp
import numpy as np

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    from brax import math

SIZE = 4
eye = jnp.eye(SIZE)


def matrix(seed):
    root = jax.random.normal(jax.random.key(seed), (SIZE, SIZE))
    return root @ root.T + eye


def error(a, inverse):
    return float(jnp.linalg.norm(eye - a @ inverse))


def plain(a, iterations):
    inverse = 0.5 * a.T / jnp.trace(a @ a.T)
    return jax.lax.fori_loop(0, iterations, lambda _, x: x @ (2 * eye - a @ x), inverse)


GUESSES = {
    "1.1 times the inverse": lambda a: 1.1 * jnp.linalg.inv(a),
    "the identity": lambda a: eye,
    "10 times the identity": lambda a: 10 * eye,
    "minus the inverse": lambda a: -jnp.linalg.inv(a),
}
approximate = jax.jit(math.inv_approximate, static_argnums=2)
stuck = {name: 0 for name in GUESSES}
first = {}
for seed in range(100):
    a = matrix(seed)
    for name, guess in GUESSES.items():
        last = error(a, approximate(a, guess(a), 1_000))
        stuck[name] += last > 0.01
        if name not in first or (last > 0.01 and first[name][1] < 0.01):
            first[name] = error(a, approximate(a, guess(a), 10)), last, error(a, plain(a, 0)), error(a, plain(a, 20))
print("                         matrices of 100     one of them after            plain iteration after")
print("guess                    never inverted     10        1,000              0          20")
for name, row in first.items():
    print(f"{name:24} {stuck[name]:15} {row[0]:9.2e} {row[1]:10.2e} {row[2]:14.2e} {row[3]:11.2e}")
near = stuck["1.1 times the inverse"] == 0
sound = all(row[3] < 1e-3 for row in first.values())
sys.exit(0 if near and sound and stuck["the identity"] > 5 and first["the identity"][1] > 0.1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
