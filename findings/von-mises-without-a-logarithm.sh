#!/usr/bin/env bash
# distrax.VonMises has log_prob -inf from a concentration of 90 on, where its prob, cdf and entropy are right.
#
# Date: 2026-11-28
#
# Versions: distrax 0.1.9, jax 0.12.0.1, jaxlib 0.12.0.1, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The concentration of a von Mises distribution is about 1 / deviation**2, so 90 is a heading known to 6
#   degrees: a compass, a torsion angle, the output of a network for an angle. prob and log_prob are the same
#   number and its logarithm.
#
#   From 90 on log_prob is -inf at all angles, and its gradient with respect to the concentration is NaN: a
#   network that is trained by it and becomes sure of its angle is lost in one step. prob goes on, and so does
#   the entropy. prob divides by i0e, the Bessel function with the growth taken out; log_prob takes i0
#   (distrax/_src/distributions/von_mises.py), which overflows float32 from 88.8 on. The
#   documentation asks for a concentration of 0 or more. VonMises of numpyro and of TensorFlow Probability on jax
#   are right at 1,000.
#
# Output seen:
#   concentration  log_prob  log(prob)    right    entropy    right   gradient of log_prob
#              10    0.2067     0.2067   0.2067     0.2949   0.2949     0.0502
#              80    1.1705     1.1705   1.1705    -0.7689  -0.7689     0.0050
#              90      -inf     1.2171   1.2171    -0.8282  -0.8282        nan
#            1000      -inf     1.2851   1.2851    -2.0347  -2.0347        nan
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
import math
import sys

import distrax
import jax
from scipy.stats import vonmises

seen = {}
print("concentration  log_prob  log(prob)    right    entropy    right   gradient of log_prob")
for concentration in (10.0, 80.0, 90.0, 1000.0):
    it = distrax.VonMises(0.0, concentration)
    log_prob, prob, entropy = float(it.log_prob(0.05)), float(it.prob(0.05)), float(it.entropy())
    slope = float(jax.grad(lambda c: distrax.VonMises(0.0, c).log_prob(0.05))(concentration))
    exact = vonmises(concentration)
    right, exact_entropy = exact.logpdf(0.05), exact.entropy()
    fine = abs(math.log(prob) - right) < 1e-3 and abs(entropy - exact_entropy) < 1e-3
    seen[concentration] = abs(log_prob - right) < 1e-3, log_prob == -math.inf, math.isnan(slope), fine
    print(f"{concentration:13.0f}{log_prob:10.4f}{math.log(prob):11.4f}{right:9.4f}", end="")
    print(f"{entropy:11.4f}{exact_entropy:9.4f}{slope:11.4f}")
good, lost = (True, False, False, True), (False, True, True, True)
sys.exit(0 if list(seen.values()) == [good, good, lost, lost] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
