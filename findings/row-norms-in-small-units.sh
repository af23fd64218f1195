#!/usr/bin/env bash
# matfree takes a matrix in units of 1e-5 for one of low rank: half of its row norms is lost, with an error of 0.
#
# Date: 2026-11-30
#
# Versions: matfree 0.6.3, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The leave-one-out estimators of matfree split a matrix into a part of low rank, which is exact, and a rest, which is
#   estimated. A factor in front of the matrix changes the estimate and its standard error by that factor, or by its
#   square for row norms.
#
#   From units of 1e-5 on leave_one_out_xrownorms_squared estimates half of the squared row norms. From 1e-9 on
#   leave_one_out_xtrace and leave_one_out_xdiag find a third of the trace, and leave_one_out_xsymrownorms_squared finds
#   less than half. The estimator that also returns a standard error gives 0 for it, so that the wrong number looks
#   exact. Nothing warns. leave_one_out_xnystrace is right in all units. The matrix has the full rank, 200.
#
#   The source: the integrands in matfree/stochtrace.py call the product with the random vectors rank deficient if a
#   diagonal entry of its factor R is below the epsilon of the dtype, an absolute number. They then return the part of
#   low rank alone. For xrownorms_squared that factor is of the size of the matrix squared.
#
# Output seen:
#          trace: 201                                             squared entries: 400
#   units                xtrace                 xdiag             xnystrace     xrownorms_squared  xsymrownorms_squared
#   1e+00          202 +-  2.66          208 +-  0.42          203 +-  2.89          410 +-  0.67          417 +-  0.81
#   1e-03          202 +-  2.66          208 +-  0.42          203 +-  2.89          410 +-  0.67          417 +-  0.81
#   1e-05          202 +-  2.66          208 +-  0.42          203 +-  2.89          215 +-  0.00          417 +-  0.81
#   1e-07          202 +-  2.66          208 +-  0.42          203 +-  2.89          215 +-  0.00          417 +-  0.81
#   1e-09           67 +-  0.00           67 +-  0.00          203 +-  2.89          215 +-  0.00          174 +-  0.00
#   1e-12           67 +-  0.00           67 +-  0.00          203 +-  2.89          215 +-  0.00          174 +-  0.00
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
packages=('matfree==0.6.3' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from matfree import stochtrace

size, probes = 200, 30
root = np.random.default_rng(0).normal(size=(size, size))
matrix = jnp.array(root @ root.T / size, jnp.float32)
trace, total = float(jnp.trace(matrix)), float(jnp.sum(matrix**2))
sampler = stochtrace.sampler_normal(jnp.ones(size), num=probes)


def estimate(name, scale):
    """The mean estimate of the trace or of the sum of the squared entries, and its standard error, both unscaled."""
    integrand = getattr(stochtrace, f"leave_one_out_{name}")()
    estimator = stochtrace.estimator_leave_one_out_mean_and_sem(integrand, sampler=sampler)
    mean, error = estimator(lambda vector: scale * (matrix @ vector), jax.random.key(0))
    power = scale**2 if "norms" in name else scale
    return float(np.sum(np.asarray(mean, float))) / power, float(np.max(np.asarray(error, float))) / power


names = "xtrace", "xdiag", "xnystrace", "xrownorms_squared", "xsymrownorms_squared"
scales = 1.0, 1e-3, 1e-5, 1e-7, 1e-9, 1e-12
seen = {scale: [estimate(name, scale) for name in names] for scale in scales}
print(f"       trace: {trace:.0f}                                             squared entries: {total:.0f}")
print("units" + "".join(f"{name:>22}" for name in names))
for scale, row in seen.items():
    print(f"{scale:5.0e}" + "".join(f"{mean:13.0f} +- {error:5.2f}" for mean, error in row))
right = all(abs(mean - trace) < 10 for mean, _ in seen[1.0][:3]) and abs(seen[1.0][3][0] - total) < 40
right &= all(abs(row[2][0] - trace) < 10 for row in seen.values())
wrong = all(seen[scale][3][0] < 0.6 * total and seen[scale][3][1] < 0.01 for scale in (1e-5, 1e-7, 1e-9, 1e-12))
wrong &= all(seen[scale][k][0] < 0.4 * trace for scale in (1e-9, 1e-12) for k in (0, 1))
wrong &= all(seen[scale][0][1] < 0.01 < seen[1.0][0][1] for scale in (1e-9, 1e-12))
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
