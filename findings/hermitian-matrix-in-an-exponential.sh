#!/usr/bin/env bash
# matfree's dense_funm_sym_eigh is wrong for a complex Hermitian matrix: sigma_y squared has the trace 0, and not 2.
#
# Date: 2026-11-30
#
# Versions: matfree 0.6.3, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   dense_funm_sym_eigh makes a function of a matrix, such as its exponential, out of a function of numbers. Its
#   docstring asks for a real symmetric matrix or a complex Hermitian one.
#
#   For a complex Hermitian matrix the result is another matrix, whose exponential is off by as much as its size. Even
#   f(x) = x does not give the matrix back: out of [[0, -1j], [1j, 0]] it makes [[0, 1j], [1j, 0]], which is not
#   Hermitian. The trace is wrong too. Nothing warns. Real matrices are right. Lanczos' algorithm, which the function is
#   mostly used for, hands it a real matrix, so that a test of that does not show it.
#
#   The source: `dense_funm_sym_eigh` in matfree/funm.py multiplies by the transpose of the eigenvectors, and not by the
#   conjugate of the transpose.
#
# Output seen:
#   matrix            function    distance from scipy   its norm   trace    right
#   real, 4 x 4       exp                   0.000          5.520    13.09    13.09
#   real, 4 x 4       identity              0.000          2.220    -1.74    -1.74
#   real, 4 x 4       square                0.000          9.055    19.01    19.01
#   complex, 4 x 4    exp                   6.763          8.068    11.38    18.23
#   complex, 4 x 4    identity              3.000          2.679    -0.82    -1.74
#   complex, 4 x 4    square               11.552         11.331    15.40    25.27
#   sigma_y           exp                   3.086          1.543     0.00     3.09
#   sigma_y           identity              2.000          1.000     0.00     0.00
#   sigma_y           square                2.000          1.000     0.00     2.00
#   f(x) = x of sigma_y: [[0j, 1j], [1j, (-0+0j)]]
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
packages=('matfree==0.6.3' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
import scipy.linalg
from matfree import funm

functions = {"exp": (jnp.exp, scipy.linalg.expm), "identity": (lambda x: x, lambda matrix: matrix)}
functions["square"] = (lambda x: x**2, lambda matrix: matrix @ matrix)
pauli = np.array([[0, -1j], [1j, 0]])
generator = np.random.default_rng(0)
real, imaginary = generator.normal(size=(2, 4, 4))
matrices = {"real, 4 x 4": real + real.T, "complex, 4 x 4": real + real.T + 1j * (imaginary - imaginary.T)}
matrices["sigma_y"] = pauli
seen = {}
print("matrix            function    distance from scipy   its norm   trace    right")
for name, matrix in matrices.items():
    for function, (scalar, reference) in functions.items():
        ours = np.asarray(funm.dense_funm_sym_eigh(scalar)(jnp.array(matrix)))
        right = reference(matrix)
        seen[name, function] = error, size = abs(ours - right).max(), abs(right).max()
        print(f"{name:18}{function:12}{error:15.3f}{size:15.3f}", end="")
        print(f"{np.trace(ours).real:9.2f}{np.trace(right).real:9.2f}")
image = np.asarray(funm.dense_funm_sym_eigh(lambda x: x)(jnp.array(pauli)))
print("f(x) = x of sigma_y:", np.round(image, 3).tolist())
wrong = all(error > 0.3 * size for (name, _), (error, size) in seen.items() if name == "complex, 4 x 4")
wrong &= seen["sigma_y", "identity"][0] > 0.9
right = all(error < 1e-4 * size for (name, _), (error, size) in seen.items() if name == "real, 4 x 4")
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
