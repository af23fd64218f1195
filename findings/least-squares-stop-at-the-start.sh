#!/usr/bin/env bash
# optimistix.LevenbergMarquardt returns its starting point as a success if the data are in another unit.
#
# Date: 2026-11-28
#
# Versions: optimistix 0.1.0, lineax 0.1.1, equinox 0.13.8, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy
#   1.18.1, Python 3.12, CPU.
#
# Behaviour:
#
#   A decay of two parameters is fitted to exact data, in volts and then in kilovolts. The parameters of a least squares
#   fit do not depend on the unit of the residuals, and Levenberg-Marquardt, "a good algorithm for many least squares
#   problems" by its docstring, converges in 11 steps in volts. One expects the same fit, or a failure.
#
#   With residuals a thousand times smaller it stops after 2 steps at the start, 1 and 1, and reports
#   RESULTS.successful; BFGS does the same. The damping starts at 1 in absolute terms (DampedNewtonDescent,
#   ClassicalTrustRegion), so the first step is a gradient step of squared residuals, which is 1e-6 as long.
#   cauchy_termination (optimistix/_misc.py) then asks whether the step is below atol + rtol * parameters and the change
#   of the sum of squares below atol + rtol * sum: one atol counts for both, the sum is below it from the start, and
#   nobody asks for the gradient. atol=1e-12 beside rtol=1e-5 gives the fit in 19 steps.
#   GaussNewton, Dogleg and IndirectLevenbergMarquardt, and scipy's lm, are right in each unit.
#
# Output seen:
#   right: 3.000 0.700, started from 1 1
#   data of 3 at most
#     LevenbergMarquardt          3.000 0.700  successful 11 steps
#     IndirectLevenbergMarquardt  3.000 0.700  successful 8 steps
#     BFGS                        3.000 0.700  successful 19 steps
#     GaussNewton                 3.000 0.700  successful 9 steps
#     Dogleg                      3.000 0.700  successful 8 steps
#     scipy, method lm            3.000 0.700
#   data of 0.003 at most
#     LevenbergMarquardt          1.000 1.000  successful 2 steps
#     IndirectLevenbergMarquardt  3.000 0.700  successful 10 steps
#     BFGS                        1.000 1.000  successful 2 steps
#     GaussNewton                 3.000 0.700  successful 9 steps
#     Dogleg                      3.000 0.700  successful 7 steps
#     scipy, method lm            3.000 0.700
#   data of 0.0003 at most
#     LevenbergMarquardt          1.000 1.000  successful 2 steps
#     IndirectLevenbergMarquardt  3.000 0.700  successful 33 steps
#     BFGS                        1.000 1.000  successful 2 steps
#     GaussNewton                 3.000 0.700  successful 9 steps
#     Dogleg                      3.000 0.700  successful 7 steps
#     scipy, method lm            3.000 0.700
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
packages=('optimistix==0.1.0' 'lineax==0.1.1' 'equinox==0.13.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
import optimistix as optx
import scipy.optimize

TIMES = np.linspace(0.0, 5.0, 50, dtype=np.float32)
TRUE = np.array([3.0, 0.7], np.float32)
DATA = TRUE[0] * np.exp(-TRUE[1] * TIMES)
START = np.array([1.0, 1.0], np.float32)
SOLVERS = (
    optx.LevenbergMarquardt(rtol=1e-5, atol=1e-5),
    optx.IndirectLevenbergMarquardt(rtol=1e-5, atol=1e-5),
    optx.BFGS(rtol=1e-5, atol=1e-5),
    optx.GaussNewton(rtol=1e-5, atol=1e-5),
    optx.Dogleg(rtol=1e-5, atol=1e-5),
)


def residuals(parameters, unit):
    """The misfit of a decay, in volts for the unit 1 and in kilovolts for 1e-3."""
    return unit * (parameters[0] * jnp.exp(-parameters[1] * TIMES) - DATA)


seen = {}
print("right: 3.000 0.700, started from 1 1")
for unit in (1.0, 1e-3, 1e-4):
    print(f"data of {unit * 3:g} at most")
    for solver in SOLVERS:
        solution = optx.least_squares(residuals, solver, jnp.asarray(START), args=unit, throw=False, max_steps=1000)
        name, fine = type(solver).__name__, bool(solution.result == optx.RESULTS.successful)
        a, b = solution.value.tolist()
        seen[name, unit] = fine, abs(a - 3) + abs(b - 0.7)
        told, steps = "successful" if fine else "failed", int(solution.stats["num_steps"])
        print(f"  {name:27} {a:.3f} {b:.3f}  {told:10} {steps} steps")
    fit = scipy.optimize.least_squares(lambda p: unit * (p[0] * np.exp(-p[1] * TIMES) - DATA), START, method="lm")
    a, b = fit.x
    print(f"  scipy, method lm            {a:.3f} {b:.3f}")


def all_of(names, units, far):
    """Whether all of these report success, and end far from or near to the right parameters."""
    rows = [seen[name, unit] for name in names for unit in units]
    return all(fine and (distance > 2 if far else distance < 0.1) for fine, distance in rows)


fine = all_of([type(solver).__name__ for solver in SOLVERS], [1.0], far=False)
stopped = all_of(["LevenbergMarquardt", "BFGS"], [1e-3, 1e-4], far=True)
others = all_of(["GaussNewton", "Dogleg"], [1e-3, 1e-4], far=False)
sys.exit(0 if fine and stopped and others else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
