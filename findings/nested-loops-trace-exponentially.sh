#!/usr/bin/env bash
# Nested nnx.fori_loops trace the innermost body 2**depth times.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, chex 0.1.92, Python 3.12, CPU.
#
# Behaviour:
#   jax.lax.fori_loop traces its body once, so nested loops trace the innermost body once. nnx.while_loop,
#   nnx.scan, nnx.cond and nnx.jit keep this.
#
#   nnx.fori_loop in its default mode (graph updates on) traces its body twice: fori_loop
#   (flax/nnx/transforms/iteration.py) runs jax.eval_shape over the body before it hands it to
#   jax.lax.fori_loop. Each level of nesting doubles it, so five levels trace 32 times, and a large body
#   makes the compilation slow out of proportion. It is so for no trips, too. chex.assert_max_traces(n=1) on
#   a loop body fails at the first call, with a text that blames the user. With graph_updates=False it is 1.
#
# Output seen:
#   traces and trips at depth 1 to 5: [(2, 2), (4, 4), (8, 8), (16, 16), (32, 32)]
#   without graph updates:            [(1, 2), (1, 4), (1, 8), (1, 16), (1, 32)]
#   chex: [Chex] Function 'body' is traced > 1 times!
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'chex==0.1.92')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import chex
import jax.numpy as jnp
from flax import nnx

traces = 0


class Counter(nnx.Module):
    def __init__(self):
        self.count = nnx.Variable(jnp.array(0))


def nest(depth, counter, **options):
    global traces
    if depth == 0:
        traces += 1
        counter.count[...] += 1
        return counter
    return nnx.fori_loop(0, 2, lambda i, c: nest(depth - 1, c, **options), counter, **options)


def count(depth, **options):
    global traces
    traces, counter = 0, Counter()
    nest(depth, counter, **options)
    return traces, int(counter.count[...])


default = [count(depth) for depth in range(1, 6)]
frozen = [count(depth, graph=True, graph_updates=False) for depth in range(1, 6)]
print("traces and trips at depth 1 to 5:", default)
print("without graph updates:           ", frozen)


@chex.assert_max_traces(n=1)
def body(i, carry):
    return carry


try:
    nnx.fori_loop(0, 3, body, Counter())
    message = ""
except AssertionError as error:
    message = str(error).splitlines()[0]
print("chex:", message)
sys.exit(0 if default == [(2**d, 2**d) for d in range(1, 6)] and frozen[4] == (1, 32) and message else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
