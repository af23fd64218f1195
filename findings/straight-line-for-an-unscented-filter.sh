#!/usr/bin/env bash
# dynaris's unscented filter is NaN from the second step on for a body that moves along a line.
#
# Date: 2026-11-30
#
# Versions: dynaris 0.1.2, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   An unscented Kalman filter moves a set of points that has the mean and the covariance of the state. For a linear
#   model it is the Kalman filter, as the points hold all that there is. dynaris has both, and they are to agree for a
#   body that moves along a line, whose position is measured.
#
#   They do not. For the body the variance of the speed is 9.05 after the first measurement, where 5.25 is right, and
#   all is NaN from the second one on. A body that turns gets 4.15 for 4.85, and NaN after that. Other values of alpha
#   do not help. A model whose state has no correlations is right.
#
#   The source: `sigma_points` in dynaris/filters/ukf.py adds the rows of the Cholesky factor to the mean, and not its
#   columns. So the points have the covariance L.T @ L in the place of L @ L.T. They are the same if the covariance is
#   diagonal, as in a test with one dimension.
#
# Output seen:
#   moving body              variance of the second state after 1, 2, 3, 10 and 200 steps
#      kalman_filter               5.2504      1.2442      0.4194      0.0478      0.0464
#      ekf_filter                  5.2504      1.2442      0.4194      0.0478      0.0464
#      ukf_filter                  9.0468         nan         nan         nan         nan
#      ukf_filter, alpha=1         9.0468         nan         nan         nan         nan
#   turning body             variance of the second state after 1, 2, 3, 10 and 200 steps
#      kalman_filter               8.1100      4.8525      2.2629      0.0944      0.0481
#      ekf_filter                  8.1100      4.8525      2.2629      0.0944      0.0481
#      ukf_filter                  8.1100      4.1521         nan         nan         nan
#      ukf_filter, alpha=1         8.1100      4.1521         nan         nan         nan
#   two random walks         variance of the second state after 1, 2, 3, 10 and 200 steps
#      kalman_filter              10.0100     10.0200     10.0300     10.1000     12.0000
#      ekf_filter                 10.0100     10.0200     10.0300     10.1000     12.0000
#      ukf_filter                 10.0100     10.0200     10.0300     10.1000     12.0000
#      ukf_filter, alpha=1        10.0100     10.0200     10.0300     10.1000     12.0000
#   covariance [[4.0, 1.8], [1.8, 1.0]] and that of its sigma points [[4.81, 0.392], [0.392, 0.19]]
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
packages=('dynaris==0.1.2' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export JAX_ENABLE_X64=1
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from dynaris import NonlinearSSM, StateSpaceModel, ekf_filter, kalman_filter, ukf_filter
from dynaris.core.types import GaussianState
from dynaris.filters.ukf import compute_weights, sigma_points

STEPS = 200
move, look = jnp.array([[1.0, 1.0], [0.0, 1.0]]), jnp.array([[1.0, 0.0]])
turn = 0.9 * jnp.array([[jnp.cos(0.3), jnp.sin(0.3)], [-jnp.sin(0.3), jnp.cos(0.3)]])
rng = np.random.default_rng(0)
speed = np.cumsum(0.1 * rng.normal(size=STEPS)) + 1
position = np.cumsum(speed)
measured = jnp.asarray(position + rng.normal(size=STEPS))[:, None]
start = GaussianState(mean=jnp.zeros(2), cov=10 * jnp.eye(2))


def run(transition):
    """The three filters for one body."""
    noise = jnp.diag(jnp.array([1e-2, 1e-2]))
    linear = StateSpaceModel(look, transition, jnp.eye(1), noise)
    general = NonlinearSSM(lambda x: transition @ x, lambda x: look @ x, noise, jnp.eye(1), 2, 1)
    return (
        kalman_filter(linear, measured, start),
        ekf_filter(general, measured, start),
        ukf_filter(general, measured, start),
        ukf_filter(general, measured, start, alpha=1.0),
    )


names = ("kalman_filter", "ekf_filter", "ukf_filter", "ukf_filter, alpha=1")
seen = {}
for title, transition in (("moving body", move), ("turning body", turn), ("two random walks", jnp.eye(2))):
    print(f"{title:22}   variance of the second state after 1, 2, 3, 10 and 200 steps")
    for name, result in zip(names, run(transition)):
        variances = np.asarray(result.filtered_covariances)[[0, 1, 2, 9, 199], 1, 1]
        seen[title, name] = variances
        print(f"   {name:22}" + "".join(f"{value:12.4f}" for value in variances))
covariance = jnp.array([[4.0, 1.8], [1.8, 1.0]])
weights = compute_weights(2, alpha=1.0)
points = sigma_points(GaussianState(mean=jnp.zeros(2), cov=covariance), weights.lam)
spread = np.asarray(jnp.einsum("p,pi,pj->ij", weights.wc, points, points))
print("covariance", np.asarray(covariance).tolist(), "and that of its sigma points", np.round(spread, 3).tolist())
kalman = {title: seen[title, "kalman_filter"] for title in ("moving body", "turning body", "two random walks")}
right = all(np.allclose(seen[title, "ekf_filter"], kalman[title]) for title in kalman)
right &= all(np.allclose(seen["two random walks", name], kalman["two random walks"], rtol=1e-4) for name in names)
wrong = all(np.isnan(seen["moving body", name][1:]).all() and seen["moving body", name][0] > 8 for name in names[2:])
wrong &= all(np.isnan(seen["turning body", name][2:]).all() for name in names[2:])
wrong &= np.allclose(spread, [[4.81, 0.392], [0.392, 0.19]], atol=1e-3)
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
