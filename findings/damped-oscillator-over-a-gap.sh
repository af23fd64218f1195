#!/usr/bin/env bash
# tinygp's SHO kernel with a quality of 0.05 is NaN over a gap of 9, where the covariance is 0.64.
#
# Date: 2026-11-29
#
# Versions: tinygp 0.3.1, equinox 0.13.8, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The damped oscillator is the usual kernel of a star's light curve, and the quasiseparable one of tinygp takes any
#   quality. An overdamped one forgets slowly, and a light curve has gaps: nights, and seasons. One expects a
#   covariance at each lag, and a likelihood. The plain sum of two exponentials, which an overdamped oscillator is,
#   has both.
#
#   With omega 1 and quality 0.1 each lag of more than 18 is NaN, with quality 0.3 each of more than 67, and in
#   float64 from eight times that on. One gap makes the log-likelihood of the whole curve -inf, which is what tinygp
#   puts for a NaN, so a sampler takes it for a proof that the star is not overdamped. At a quality of 0.5 the value
#   is right and its gradient by the quality is 0, so a fit that starts there, at critical damping, never moves the
#   quality.
#
#   The source: `SHO.transition_matrix` in tinygp/kernels/quasisep.py multiplies exp(-w * t / 2q) by cosh(f * w * t /
#   2q). The first underflows and the second overflows, and 0 times infinity is NaN; their product is about the
#   exponential of the difference. For a quality near 0.5 a jax.lax.cond takes a formula in which the quality does
#   not occur.
#
# Output seen:
#   quality    lag   float32   float64     exact   likelihood with such a gap
#      0.05    3.0   0.86255   0.86255   0.86255      -2.2606
#      0.05    9.0       nan   0.63851   0.63851         -inf
#       0.1   10.0   0.36790   0.36790   0.36790      -3.0749
#       0.1   17.0   0.18139   0.18139   0.18139      -3.1245
#       0.1   19.0       nan   0.14821   0.14821         -inf
#       0.3   60.0   0.00000   0.00000   0.00000      -3.7676
#       0.3   70.0       nan   0.00000   0.00000         -inf
#       0.1  150.0       nan       nan   0.00000         -inf
#   gradient by the quality at 0.49, 0.5 and 0.51: [-12.79, 0.0, -12.33]
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
packages=('tinygp==0.3.1' 'equinox==0.13.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from tinygp import GaussianProcess
from tinygp.kernels.quasisep import SHO


def exact(lag, quality):
    """The kernel with omega 1 as a sum of two exponentials, for a quality below 0.5."""
    f = np.sqrt(1 - 4 * quality**2)
    slow, fast = (np.exp(-(1 - sign * f) * lag / (2 * quality)) for sign in (1, -1))
    return (slow * (1 + 1 / f) + fast * (1 - 1 / f)) / 2


CASES = ((0.05, 3.0), (0.05, 9.0), (0.1, 10.0), (0.1, 17.0), (0.1, 19.0), (0.3, 60.0), (0.3, 70.0), (0.1, 150.0))
seen = {}
print("quality    lag   float32   float64     exact   likelihood with such a gap")
for quality, lag in CASES:
    row = []
    for wide in (False, True):
        with jax.enable_x64(wide):
            kernel = SHO(omega=jnp.array(1.0), quality=jnp.array(quality))
            row.append(float(kernel(jnp.array([0.0]), jnp.array([lag]))[0, 0]))
    times = jnp.array([0.0, 1.0, 2.0, 2.0 + lag, 3.0 + lag])
    process = GaussianProcess(SHO(omega=jnp.array(1.0), quality=jnp.array(quality)), times, diag=0.1)
    likelihood = float(process.log_probability(jnp.array([0.3, 0.2, 0.1, 0.2, 0.1])))
    seen[quality, lag] = row, exact(lag, quality), likelihood
    print(f"{quality:7} {lag:6} {row[0]:9.5f} {row[1]:9.5f} {exact(lag, quality):9.5f} {likelihood:12.4f}")

times = jnp.linspace(0, 2, 6)
slope = jax.grad(lambda quality: SHO(omega=1.5, quality=quality)(times, times).sum())
slopes = [float(slope(quality)) for quality in (0.49, 0.5, 0.51)]
print("gradient by the quality at 0.49, 0.5 and 0.51:", [round(value, 2) for value in slopes])
near = [(0.05, 3.0), (0.1, 10.0), (0.1, 17.0), (0.3, 60.0)]
far = [(0.05, 9.0), (0.1, 19.0), (0.3, 70.0), (0.1, 150.0)]
good = all(abs(seen[case][0][0] - seen[case][1]) < 1e-3 and np.isfinite(seen[case][2]) for case in near)
nan = all(np.isnan(seen[case][0][0]) and seen[case][2] == -np.inf for case in far)
wide = np.isnan(seen[0.1, 150.0][0][1]) and abs(seen[0.1, 19.0][0][1] - seen[0.1, 19.0][1]) < 1e-6
critical = slopes[1] == 0 and max(slopes[0], slopes[2]) < -10
sys.exit(0 if good and nan and wide and critical else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
