#!/usr/bin/env bash
# nnx.RNN gives an empty sequence the carry of the padding.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.RNN(cell)(x, seq_lengths=lengths, return_carry=True) gives for each sequence the carry after its
#   last valid step. The carry of a sequence of length 0 is the initial one, and what stands in the padding
#   cannot matter.
#
#   It gets the carry after the last step of the padding. _select_last_carry (flax/nnx/nn/recurrent.py)
#   takes the carries at seq_lengths - 1, and -1 is the last index in jax as in numpy. An encoder of empty
#   documents or of absent modalities so reads whatever the padding holds, for these rows alone.
#
# Output seen:
#   carry of length 0:                   ['0.008', '-0.165', '0.600', '0.148']
#   carry after all 5 steps:             ['0.008', '-0.165', '0.600', '0.148']
#   other padding changes the carry of length 0: True
#   other padding changes the carry of length 3: False
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1')
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
from flax import nnx

rnn = nnx.RNN(nnx.GRUCell(3, 4, rngs=nnx.Rngs(0)), rngs=nnx.Rngs(0))
x = jax.random.normal(jax.random.key(0), (2, 5, 3))


def carry(x):
    return rnn(x, seq_lengths=jnp.array([0, 3]), return_carry=True)[0]


zeros = carry(x * (jnp.arange(5) < 3)[None, :, None])
padded = carry(x)
full, _ = rnn(x, return_carry=True)
print("carry of length 0:                  ", [f"{v:.3f}" for v in padded[0].tolist()])
print("carry after all 5 steps:            ", [f"{v:.3f}" for v in full[0].tolist()])
moved = [bool(jnp.abs(a - b).max() > 0.01) for a, b in zip(zeros, padded)]
print("other padding changes the carry of length 0:", moved[0])
print("other padding changes the carry of length 3:", moved[1])
sys.exit(0 if jnp.allclose(padded[0], full[0]) and padded[0].any() and moved == [True, False] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
