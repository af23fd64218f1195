#!/usr/bin/env bash
# scico's prox of a ball moves a point inside of it onto its surface, and 0 to NaN, where it is to leave them.
#
# Date: 2026-11-30
#
# Versions: scico 0.0.7, jax 0.8.1, jaxlib 0.8.1, flax 0.12.0, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   functional.L2BallIndicator is 0 in a ball around 0 and infinite outside. The proximal operator of such an indicator
#   is, by its definition, the nearest point of the ball. A point inside is its own nearest point. The optimizers of
#   scico use it as a constraint, such as a bound on the norm of a solution or of a residual.
#
#   prox gives each point the norm of the radius, also one inside: (0.6, 0.8) becomes (6, 8) in a ball of radius 10. 0
#   becomes NaN. The indicator itself is right. A least-squares problem whose solution has the norm 2.3, within a bound
#   of 10, gets an answer of norm 10 and a loss of 1052, where 0 is right. Nothing warns. A point outside is right, so
#   that it does no harm as long as the bound is reached.
#
#   The source: `L2BallIndicator.prox` in scico/functional/_indicator.py returns the radius times v over its norm. Its
#   docstring has this formula as the proximal operator, and says nothing of points inside.
#
# Output seen:
#   point           indicator    prox            projection
#   [30. 40.]             inf    [6. 8.]         [6. 8.]
#   [6. 8.]               0.0    [6. 8.]         [6. 8.]
#   [0.6 0.8]             0.0    [6. 8.]         [0.6 0.8]
#   [0.003 0.004]         0.0    [6. 8.]         [0.003 0.004]
#   [0. 0.]               0.0    [nan nan]       [0. 0.]
#
#   least squares in the ball          norm    loss
#   AcceleratedPGM [ 2.55 -9.66  0.44] 10.00  1051.8
#   ADMM           [ 2.86 -1.28  0.74]  3.22   126.8
#   the answer     [ 1.  -2.   0.5]     2.29     0.0
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
packages=('scico==0.0.7' 'flax==0.12.0' 'jax==0.8.1' 'jaxlib==0.8.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
import scico.numpy as snp
from scico import functional, linop, loss
from scico.optimize import ADMM, AcceleratedPGM
from scico.optimize.admm import LinearSubproblemSolver

ball = functional.L2BallIndicator(radius=10.0)
print("point           indicator    prox            projection")
points = [30.0, 40.0], [6.0, 8.0], [0.6, 0.8], [0.003, 0.004], [0.0, 0.0]
images = []
for point in points:
    point = snp.array(point)
    image = np.asarray(ball.prox(point))
    projection = np.asarray(point) * min(1.0, 10 / max(float(snp.linalg.norm(point)), 1e-9))
    images.append((image, projection))
    print(f"{str(np.asarray(point)):16}{float(ball(point)):9}    {str(image.round(3)):16}{projection.round(3)}")

generator = np.random.default_rng(0)
truth = np.array([1.0, -2.0, 0.5])
design = snp.array(generator.normal(size=(50, 3)), dtype=snp.float32)
target = design @ snp.array(truth, dtype=snp.float32)
square = loss.SquaredL2Loss(y=target, A=linop.MatrixOperator(design))
start = snp.zeros(3)
largest = float(jnp.linalg.norm(design, 2) ** 2)
pgm = AcceleratedPGM(f=square, g=ball, L0=largest, x0=start + 1, maxiter=500)
identity = linop.Identity(3)
solver = LinearSubproblemSolver()
admm = ADMM(square, [ball], [identity], [10.0], x0=start + 1, maxiter=500, subproblem_solver=solver)
answers = {"AcceleratedPGM": pgm.solve(), "ADMM": admm.solve(), "the answer": snp.array(truth, dtype=snp.float32)}
print("\nleast squares in the ball          norm    loss")
for name, answer in answers.items():
    size, value = float(snp.linalg.norm(answer)), float(square(answer))
    print(f"{name:15}{str(np.asarray(answer).round(2)):20}{size:5.2f}{value:8.1f}")
outside = np.allclose(*images[0]) and np.allclose(*images[1])
inside = all(abs(np.linalg.norm(image) - 10) < 1e-3 for image, _ in images[2:4]) and np.isnan(images[4][0]).all()
fitted = abs(float(snp.linalg.norm(answers["AcceleratedPGM"])) - 10) < 1e-2 and float(ball(snp.array(truth))) == 0
sys.exit(0 if outside and inside and fitted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
