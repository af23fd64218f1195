#!/usr/bin/env bash
# No recurrent cell of NNX works with param_dtype=bfloat16 alone, for two different reasons.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   Every layer of NNX takes param_dtype, and nnx.Linear, nnx.Conv and attention work with jnp.bfloat16.
#
#   nnx.GRUCell, nnx.SimpleCell and nnx.OptimizedLSTMCell cannot be made with it. Their recurrent kernels
#   use the orthogonal initializer, which calls jnp.linalg.qr in the dtype of the parameter, and qr does not
#   take bfloat16. nnx.LSTMCell can be made and called, and nnx.RNN over it fails with a bfloat16 parameter
#   and a float32 input: the carry starts in param_dtype and comes back promoted, which scan refuses. The
#   script shows what works: to give both param_dtype and dtype with another recurrent initializer.
#
# Output seen:
#   SimpleCell: cannot be made: qr does not accept dtype bfloat16 at position 0
#   GRUCell: cannot be made: qr does not accept dtype bfloat16 at position 0
#   OptimizedLSTMCell: cannot be made: qr does not accept dtype bfloat16 at position 0
#   LSTMCell: cannot be scanned: scan body function carry input and carry output must have equal types
#   GRUCell, lecun_normal, dtype=bfloat16: works: bfloat16
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

import jax.numpy as jnp
from flax import nnx

x = jnp.ones((2, 5, 3))


def attempt(cell, text="", **options):
    try:
        made = cell(3, 4, param_dtype=jnp.bfloat16, rngs=nnx.Rngs(0), **options)
    except TypeError as error:
        result = f"cannot be made: {str(error).split('.')[0]}"
    else:
        try:
            result = f"works: {nnx.RNN(made, rngs=nnx.Rngs(0))(x).dtype}"
        except TypeError as error:
            result = f"cannot be scanned: {str(error).split(',')[0]}"
    print(f"{cell.__name__}{text}: {result}")
    return result.split(":")[0]


seen = [attempt(c) for c in (nnx.SimpleCell, nnx.GRUCell, nnx.OptimizedLSTMCell, nnx.LSTMCell)]
other = attempt(
    nnx.GRUCell,
    ", lecun_normal, dtype=bfloat16",
    dtype=jnp.bfloat16,
    recurrent_kernel_init=nnx.initializers.lecun_normal(),
)
sys.exit(0 if seen == ["cannot be made"] * 3 + ["cannot be scanned"] and other == "works" else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
