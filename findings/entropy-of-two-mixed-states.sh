#!/usr/bin/env bash
# dynamiqs.entropy_relative of two states that both leave a level empty is 0, where the right value is 1.758.
#
# Date: 2026-11-30
#
# Versions: dynamiqs 0.3.7, qutip 5.3.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The relative entropy of two quantum states says how well they can be told apart. It is 0 only for equal states, and
#   infinite if the first state has a part where the second one has none. Many states leave levels empty, such as the
#   truncated state of an oscillator or two qubits that are entangled. A level that is empty in both changes nothing.
#
#   dynamiqs gives 0 for two unlike states if a level is empty in both: 0 for the populations (0.9, 0.1, 0) and (0.1,
#   0.9, 0), where 1.758 is right. Without the third level it is 1.758. It is 0 for a pure state and a mixture that it
#   is part of, where ln 2 is right. No warning tells. The docstring's examples have two levels and work.
#
#   The source: `entropy_relative` in dynamiqs/utils/general.py multiplies the overlap of two eigenvectors, 0, by the
#   logarithm of an empty level, which is -inf. The sum is NaN, for each level of the first state, and nan_to_num makes
#   0 of it.
#
# Output seen:
#   states                             dynamiqs    qutip
#   (0.9, 0.1) and (0.1, 0.9)             1.758    1.758
#   (0.9, 0.1, 0) and (0.1, 0.9, 0)       0.000    1.758
#   pure, and mixed of two of three       0.000    0.693
#   |00>, and mixed of |00> and |11>      0.000    0.693
#   (0.5, 0.5, 0) and (0.4, 0.4, 0.2)     0.223    0.223
#   (0.4, 0.4, 0.2) and (0.5, 0.5, 0)       inf      inf
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
packages=('dynamiqs==0.3.7' 'qutip==5.3.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import dynamiqs
import jax.numpy as jnp
import numpy as np
import qutip


def relative(rho, sigma):
    """The relative entropy of dynamiqs and of qutip."""
    ours = dynamiqs.entropy_relative(jnp.array(rho, complex), jnp.array(sigma, complex))
    return float(ours), float(qutip.entropy_relative(qutip.Qobj(rho), qutip.Qobj(sigma)))


up = np.zeros((3, 3))
up[0, 0] = 1
bell = np.zeros((4, 4))
bell[0, 0] = bell[3, 3] = 0.5
cases = {
    "(0.9, 0.1) and (0.1, 0.9)": (np.diag([0.9, 0.1]), np.diag([0.1, 0.9])),
    "(0.9, 0.1, 0) and (0.1, 0.9, 0)": (np.diag([0.9, 0.1, 0]), np.diag([0.1, 0.9, 0])),
    "pure, and mixed of two of three": (up, np.diag([0.5, 0.5, 0])),
    "|00>, and mixed of |00> and |11>": (np.diag([1.0, 0, 0, 0]), bell),
    "(0.5, 0.5, 0) and (0.4, 0.4, 0.2)": (np.diag([0.5, 0.5, 0]), np.diag([0.4, 0.4, 0.2])),
    "(0.4, 0.4, 0.2) and (0.5, 0.5, 0)": (np.diag([0.4, 0.4, 0.2]), np.diag([0.5, 0.5, 0])),
}
print("states                             dynamiqs    qutip")
seen = {}
for name, (rho, sigma) in cases.items():
    seen[name] = ours, right = relative(rho, sigma)
    print(f"{name:35}{ours:8.3f}{right:9.3f}")
names = list(seen)
wrong = all(seen[name][0] == 0 and seen[name][1] > 0.6 for name in names[1:4])
right = all(np.isclose(*seen[name], atol=1e-4) for name in (names[0], *names[4:]))
sys.exit(0 if right and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
