#!/usr/bin/env bash
# The variance of tfp's GammaGamma is half of that of its own samples: 2 where 4 is right, and its docstring has it too.
#
# Date: 2026-12-01
#
# Versions: tfp-nightly 0.26.0.dev20261027, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A gamma-gamma distribution is a Gamma whose rate is itself drawn from a Gamma; it is the model for what a customer
#   spends. With the concentration a of the first one and b and r of the second one its mean is a r / (b - 1), and its
#   variance is a (a + b - 1) r^2 / ((b - 1)^2 (b - 2)), as the law of total variance has it.
#
#   GammaGamma(3, 4, 2) has the mean 2, which is right, and the variance 2, where its samples and its density have 4.
#   For a = 1, an exponential purchase, it is 0.09 where 0.68 is right, and for a = 100 it is nearly right: it is the
#   variance of the mean of a purchase alone, and the spread around that mean is left out. The formula in the docstring
#   of variance is the one that is computed, so reading it does not help; stddev follows from it. The density, the mean
#   and the samples agree with one another. Take the variance from a (a + b - 1) and not from a^2.
#
#   The source: `_variance` in tensorflow_probability/substrates/jax/distributions/gamma_gamma.py squares concentration
#   * mixing_rate / (mixing_concentration - 1) and divides by mixing_concentration - 2.
#
# Output seen:
#     a    b    r   mean of samples, tfp     variance of samples, of the density, tfp     right
#     3    6    2     1.20   1.20              0.96     0.96     0.36                       0.96
#     3    8    2     0.86   0.86              0.41     0.41     0.12                       0.41
#     1    8    5     0.71   0.71              0.68     0.68     0.09                       0.68
#   100    8    5    71.42  71.43            910.65   909.86   850.34                     909.86
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
packages=('tfp-nightly==0.26.0.dev20261027' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

warnings.simplefilter("ignore")
import jax  # noqa: E402
import numpy as np  # noqa: E402

jax.config.update("jax_enable_x64", True)
from tensorflow_probability.substrates import jax as tfp  # noqa: E402

good = True
print("  a    b    r   mean of samples, tfp     variance of samples, of the density, tfp     right")
for a, b, r in ((3.0, 6.0, 2.0), (3.0, 8.0, 2.0), (1.0, 8.0, 5.0), (100.0, 8.0, 5.0)):
    law = tfp.distributions.GammaGamma(np.float64(a), np.float64(b), np.float64(r))
    samples = np.asarray(law.sample(1_000_000, seed=jax.random.key(0)))
    points = np.exp(np.linspace(np.log(1e-9), np.log(1e5), 400_001))
    weights = np.exp(np.asarray(law.log_prob(points))) * points
    weights /= weights.sum()
    density = float((weights * points**2).sum() - (weights * points).sum() ** 2)
    told, right = float(law.variance()), a * (a + b - 1) * r**2 / ((b - 1) ** 2 * (b - 2))
    print(
        f"{a:3.0f} {b:4.0f} {r:4.0f} {samples.mean():8.2f} {float(law.mean()):6.2f}"
        f"       {samples.var():11.2f} {density:8.2f} {told:8.2f}                   {right:8.2f}"
    )
    agree = np.isclose(samples.mean(), float(law.mean()), rtol=0.01) and np.isclose(density, right, rtol=0.01)
    good = good and agree and np.isclose(samples.var(), right, rtol=0.05)
    good = good and np.isclose(told, right * a / (a + b - 1), rtol=1e-6)
sys.exit(0 if good else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
