#!/usr/bin/env bash
# eqx-learn's Gaussian process with a WhiteNoiseKernel predicts the noise of its data, with a variance of 1e-10.
#
# Date: 2026-11-30
#
# Versions: eqx-learn 0.2.4, equinox 0.13.8, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scikit-learn 1.9.1,
#   Python 3.12, CPU.
#
# Behaviour:
#   eqx-learn says that the noise of the observations is to be a part of the kernel, by WhiteNoiseKernel. Noise belongs
#   to one observation. It is on the diagonal of the covariance of the data, and not between the data and a prediction,
#   even at the same place. So a prediction is a smooth curve through the noise. That is what scikit-learn does.
#
#   At the places of the data eqx-learn predicts the noisy observations themselves, with a variance of 1e-10, and 0.001
#   beside them it has the smooth curve. So predictions for the training data look perfect, and are twice as far from
#   the truth as they should be. Repeated observations of one place get the same noise. If the inputs are large, such as
#   the days of a calendar, all observations share one noise: the loss is NaN where 0.859 is right.
#
#   The source: `WhiteNoiseKernel` in eqxlearn/gaussian_process/kernels.py adds the noise where jnp.allclose says that
#   two places are equal, which allows for 1e-5 of the value, and `__call__` of the regressor asks it for the covariance
#   of a prediction with the data too.
#
# Output seen:
#                             error of the mean        variance     correlation
#   predicted at            eqx-learn  sklearn  eqx-learn  sklearn   with noise
#   the data                   0.4827   0.2377    1.0e-10   0.2892       1.0000
#   0.001 beside them          0.2377   0.2377    2.9e-01   0.2892       0.4908
#   between them               0.2377   0.2377    2.9e-01   0.2894       0.4850
#   loss per observation of the same data with a later clock
#   x from 0                    0.8590   0.8590
#   x from 1000                 0.8590   0.8590
#   x from 100000                  nan   0.8590
#   x from 1000000                 nan   0.8590
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
packages=('eqx-learn==0.2.4' 'equinox==0.13.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scikit-learn==1.9.1')
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
from eqxlearn.gaussian_process import GaussianProcessRegressor
from eqxlearn.gaussian_process.kernels import RBFKernel, WhiteNoiseKernel
from sklearn.gaussian_process import GaussianProcessRegressor as Other
from sklearn.gaussian_process.kernels import RBF, WhiteKernel

jax.config.update("jax_enable_x64", True)
LENGTH, NOISE = 1.5, 0.25
rng = np.random.default_rng(0)


def fit(x, y):
    ours = GaussianProcessRegressor(kernel=RBFKernel(LENGTH) + WhiteNoiseKernel(NOISE))
    ours = ours.condition(jnp.asarray(x[:, None]), jnp.asarray(y))
    return ours, Other(RBF(LENGTH) + WhiteKernel(NOISE), optimizer=None, alpha=1e-10).fit(x[:, None], y)


def predict(ours, other, x):
    mean, variance = jax.vmap(lambda value: ours(value, return_var=True))(jnp.asarray(x[:, None]))
    right, deviation = other.predict(x[:, None], return_std=True)
    return np.asarray(mean), np.asarray(variance), right, deviation**2


x = np.linspace(0, 20, 81)
y = np.sin(x) + rng.normal(0, np.sqrt(NOISE), x.size)
models = fit(x, y)
seen = {}
print("                          error of the mean        variance     correlation")
print("predicted at            eqx-learn  sklearn  eqx-learn  sklearn   with noise")
for name, shift in (("the data", 0.0), ("0.001 beside them", 0.001), ("between them", 0.125)):
    mean, variance, right, other = predict(*models, x + shift)
    truth = np.sin(x + shift)
    errors = [float(np.sqrt(np.mean((value - truth) ** 2))) for value in (mean, right)]
    noise = float(np.corrcoef(mean - truth, y - np.sin(x))[0, 1])
    seen[name] = *errors, float(variance.mean()), float(other.mean()), noise
    print(f"{name:22}{errors[0]:11.4f}{errors[1]:9.4f}{variance.mean():11.1e}{other.mean():9.4f}{noise:13.4f}")
print("loss per observation of the same data with a later clock")
losses = []
for start in (0, 1_000, 100_000, 1_000_000):
    ours, other = fit(x + start, y)
    losses.append((float(ours.loss()), -other.log_marginal_likelihood() / x.size))
    print(f"x from {start:<16}{losses[-1][0]:11.4f}{losses[-1][1]:9.4f}")
data, beside = seen["the data"], seen["0.001 beside them"]
wrong = data[4] > 0.999 and data[2] < 1e-9 and data[0] > 2 * data[1] and abs(data[0] - np.sqrt(NOISE)) < 0.1
right = abs(beside[0] - beside[1]) < 1e-6 and beside[0] < data[0] / 2 and abs(losses[0][0] - losses[0][1]) < 1e-6
late = all(not abs(a - b) < 0.1 for a, b in losses[2:]) and all(abs(b - losses[0][1]) < 1e-3 for _, b in losses)
sys.exit(0 if wrong and right and late else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
