#!/usr/bin/env bash
# probjax's unscented Kalman filter changes a covariance of 1.2 into 0.45 before it does anything.
#
# Date: 2026-11-30
#
# Versions: probjax 0.1.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, jaxtyping 0.3.11, chex 0.1.92, blackjax
#   1.7.1, ott-jax 0.6.0, Python 3.12, CPU.
#
# Behaviour:
#   The sigma points of an unscented Kalman filter have the mean and the covariance of the state. For a linear model it
#   is the same as the Kalman filter.
#
#   For the covariance ((2, 1.2), (1.2, 1)) the sigma points of probjax have ((2.72, 0.45), (0.45, 0.28)). A step of its
#   unscented filter with a linear model differs from one of its own Kalman filter: its mean is (0.84, 0.14), where that
#   of the Kalman filter is (0.80, 0.48). It is surer, too: the second variance is 0.22, for 0.42. For a covariance
#   without a correlation both filters agree.
#
#   The source: `merwe_sigma_point` in probjax/inference/filtering/uncented_kalman_filter.py adds the rows of the
#   Cholesky factor L to the mean, and the columns are right. Rows give the covariance L^T L in place of L L^T.
#
# Output seen:
#   covariance [[2.0, 1.2], [1.2, 1.0]]: of the sigma points [[2.72, 0.449], [0.449, 0.28]]
#       Kalman: mean [0.8, 0.48], variances [0.4, 0.424]
#       unscented: mean [0.845, 0.139], variances [0.422, 0.217]
#   covariance [[2.0, 0.0], [0.0, 1.0]]: of the sigma points [[2.0, 0.0], [0.0, 1.0]]
#       Kalman: mean [0.8, 0.0], variances [0.4, 1.0]
#       unscented: mean [0.8, 0.0], variances [0.4, 1.0]
#   largest differences: with a correlation 0.341, without 2.2e-16
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

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
from probjax.inference.filtering import kalman_filter as plain_module
from probjax.inference.filtering import uncented_kalman_filter as unscented_module

F, H = jnp.array([[1.0, 0.0], [0.0, 1.0]]), jnp.array([[1.0, 0.0]])
Q, R = jnp.zeros((2, 2)), jnp.array([[0.5]])
differences = []
for covariance in (jnp.array([[2.0, 1.2], [1.2, 1.0]]), jnp.diag(jnp.array([2.0, 1.0]))):
    points, _, weights = unscented_module.merwe_sigma_point(jnp.zeros(2), covariance)
    seen = np.asarray((points.T * weights) @ points)
    print(f"covariance {covariance.tolist()}: of the sigma points {seen.round(3).tolist()}")
    plain = plain_module.build_discrete_kernel(F, Q, H, R)
    unscented = unscented_module.build_kernel(lambda x, *t: F @ x, Q, lambda x, *t: H @ x, R)
    results = []
    for name, module, step in (("Kalman", plain_module, plain), ("unscented", unscented_module, unscented)):
        state, _ = step(module.init(jnp.zeros(2), covariance), observed=jnp.array([1.0]))
        results.append((np.asarray(state.mean), np.asarray(state.cov)))
        mean, spread = results[-1][0].round(3).tolist(), np.diag(results[-1][1]).round(3).tolist()
        print(f"    {name}: mean {mean}, variances {spread}")
    prior = np.asarray(covariance)
    gain = prior[:, 0] / (prior[0, 0] + 0.5)
    assert np.allclose(results[0][0], gain) and np.allclose(results[0][1], prior - np.outer(gain, prior[0]))
    differences.append(max(np.abs(a - b).max() for a, b in zip(*results)))
print(f"largest differences: with a correlation {differences[0]:.3f}, without {differences[1]:.1e}")
sys.exit(0 if differences[0] > 0.1 and differences[1] < 1e-9 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
