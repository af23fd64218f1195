#!/usr/bin/env bash
# nnx.tabulate counts the same FLOPs for 1, 4 and 16 layers of nnx.scan, and for any length of an RNN.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   nnx.tabulate(model, x, compute_flops=True) adds a column of FLOPs, from which one computes the
#   utilisation of a device. 16 layers are to cost 16 times as much as one, in a Python loop and in
#   nnx.scan, which is the usual way to stack them.
#
#   In nnx.scan 16 layers cost as much as one, next to a column of parameters that grows. The same holds for
#   vjp_flops. tabulate (flax/nnx/summary.py) reports the cost_analysis of jax, and XLA counts the body of a
#   loop once, since a loop of XLA has no length that it asks for. nnx.RNN is such a loop over time, so it
#   costs the same for 1 step and for 100. The utilisation that is computed of it is too small by the number
#   of layers.
#
# Output seen:
#   Looped   FLOPs of 1, 4 and 16 layers: [8256, 33024, 132096]
#   Scanned  FLOPs of 1, 4 and 16 layers: [8258, 8258, 8258]
#   RNN, cost_analysis of 1 and 100 steps: [50241, 50241]
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
import re
import sys

import jax.numpy as jnp
from flax import nnx


class Looped(nnx.Module):
    def __init__(self, layers, rngs):
        self.layers = nnx.List([nnx.Linear(64, 64, rngs=rngs) for _ in range(layers)])

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Scanned(nnx.Module):
    def __init__(self, layers, rngs):
        @nnx.split_rngs(splits=layers)
        @nnx.vmap
        def make(rngs):
            return nnx.Linear(64, 64, rngs=rngs)

        self.layers = make(rngs)

    def __call__(self, x):
        @nnx.scan(in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)
        def run(x, layer):
            return layer(x)

        return run(x, self.layers)


def tabulated(model, x):
    """The number in the column flops of the first row, which is the whole model."""
    table = nnx.tabulate(model, x, compute_flops=True, console_kwargs={"width": 200, "no_color": True})
    table = re.sub(r"\x1b\[[0-9;]*m", "", table)
    head = next(line for line in table.splitlines() if "flops" in line)
    column = [cell.strip() for cell in re.split("[┃│|]", head)].index("flops")
    row = next(line for line in table.splitlines() if type(model).__name__ in line and "│" in line)
    return int(re.split("[┃│|]", row)[column])


x = jnp.ones((1, 64))
seen = {}
for cls in (Looped, Scanned):
    seen[cls] = [tabulated(cls(n, nnx.Rngs(0)), x) for n in (1, 4, 16)]
    print(f"{cls.__name__:8} FLOPs of 1, 4 and 16 layers: {seen[cls]}")

rnn = []
for length in (1, 100):
    cell = nnx.RNN(nnx.GRUCell(64, 64, rngs=nnx.Rngs(0)))
    lowered = nnx.jit(lambda model, x: model(x)).lower(cell, jnp.ones((1, length, 64)))
    rnn.append(int(lowered.cost_analysis()["flops"]))
print("RNN, cost_analysis of 1 and 100 steps:", rnn)
looped, scanned = seen.values()
ok = looped[2] > 15 * looped[0] and max(scanned) < 1.1 * min(scanned) and rnn[0] == rnn[1]
sys.exit(0 if ok else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
