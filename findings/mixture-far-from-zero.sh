#!/usr/bin/env bash
# gmmx fits a diagonal mixture to heights of 1,000 m as NaN and says that it converged; a full one of the same is right.
#
# Date: 2026-11-30
#
# Versions: gmmx 0.7, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A Gaussian mixture moves with its data: an offset changes the means and nothing else. gmmx takes numbers of 32 bits
#   alone (any other type is a ValueError), and has full and diagonal covariances.
#
#   With covariance_type="diag" two clusters with variances of 0.0097, 0.0094, 0.0110 and 0.0099 have 0.0094, 0.0105,
#   0.0100 and 0.0082 around 100, and from 300 on all parameters are NaN. `converged` is True then, after two or three
#   steps. Full covariances of the same data are right around 10,000 too.
#
#   The source: `DiagCovariances.from_responsibilities` in gmmx/gmm.py takes the mean of the squares and subtracts the
#   square of the mean, which cancels; `FullCovariances` subtracts the mean first. `em_cond` in gmmx/fit.py goes on
#   while the log likelihood changes by `tol`, which NaN does not, and `converged` says only that there were steps left.
#
# Output seen:
#   offset  covariances  converged  steps  variances
#        0  diag         True           3  0.0097 0.0094 0.0110 0.0099
#        0  full         True           3  0.0097 0.0094 0.0110 0.0099
#      100  diag         True           3  0.0094 0.0105 0.0100 0.0082
#      100  full         True           3  0.0097 0.0094 0.0110 0.0099
#      300  diag         True           2  nan nan nan nan
#      300  full         True           3  0.0097 0.0094 0.0110 0.0099
#     1000  diag         True           2  nan nan nan nan
#     1000  full         True           3  0.0097 0.0094 0.0110 0.0099
#    10000  diag         True           2  nan nan nan nan
#    10000  full         True           3  0.0097 0.0094 0.0110 0.0099
#   right                                  0.0097 0.0094 0.0110 0.0099
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
packages=('gmmx==0.7' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from gmmx import EMFitter, GaussianMixtureModelJax

rng = np.random.default_rng(0)
data = np.concatenate([rng.normal(0, 0.1, (500, 2)), rng.normal(1, 0.1, (500, 2))])
right = np.array([data[:500].var(axis=0), data[500:].var(axis=0)])
start = {"diag": jnp.full((2, 2), 0.01), "full": jnp.stack([0.01 * jnp.eye(2)] * 2)}
seen = {}
print("offset  covariances  converged  steps  variances")
for offset in (0, 100, 300, 1000, 10_000):
    for kind, covariances in start.items():
        means = jnp.asarray([[0, 0], [1, 1]], jnp.float32) + offset
        model = GaussianMixtureModelJax.from_squeezed(means, covariances, jnp.ones(2) / 2, kind)
        result = EMFitter().fit(jnp.asarray(data + offset, jnp.float32), model)
        values = result.gmm.covariances.values_numpy
        values = values if kind == "diag" else np.diagonal(values, axis1=1, axis2=2)
        seen[offset, kind] = values, bool(result.converged)
        text = " ".join(f"{value:.4f}" for value in values.ravel())
        print(f"{offset:6}  {kind:11}  {bool(result.converged)!s:9}  {int(result.n_iter):5}  {text}")
print("right".ljust(39) + " ".join(f"{value:.4f}" for value in right.ravel()))
full = all(np.allclose(seen[offset, "full"][0], right, rtol=0.01) for offset in (0, 100, 300, 1000, 10_000))
near = np.allclose(seen[0, "diag"][0], right, rtol=0.01) and not np.allclose(seen[100, "diag"][0], right, rtol=0.1)
lost = all(np.isnan(seen[offset, "diag"][0]).all() and seen[offset, "diag"][1] for offset in (300, 1000))
sys.exit(0 if full and near and lost else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
