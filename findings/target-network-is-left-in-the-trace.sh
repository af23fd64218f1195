#!/usr/bin/env bash
# A compiled step that copies a network into a captured one loses the captured one, if it holds references.
#
# Date: 2026-12-01
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU. flax 0.12.9 is the first with it;
#   0.12.8 refuses the call.
#
# Behaviour:
#   A step under nnx.jit is given the online network and reaches the target network by closure. It copies the
#   one into the other: nnx.update(target, nnx.state(online)). Flax refuses to write to a captured Variable,
#   as long as it holds an array. Variables with a reference (ref=True) may be written at every trace level,
#   so Flax lets the step pass, and it returns.
#
#   nnx.update does not write the numbers to the target's reference. It puts the online network's reference
#   into the target, and inside of the trace that is a tracer. The tracer stays there. The next use of the
#   target, far from the step, raises UnexpectedTracerError, and the target's weights are gone. So it is with
#   graph updates, without them, and with graph=False. If the step writes the numbers itself,
#   target.w[...] = online.w[...], all is well.
#
# Output seen:
#   an array: the step raises TraceContextError, the target holds ArrayImpl
#   a reference: the step raises nothing, the target holds DynamicJaxprTracer, and its use raises UnexpectedTracerError
#   a reference, graph_updates=False: the step raises nothing, the target holds DynamicJaxprTracer, and its use raises UnexpectedTracerError
#   a reference, graph=False: the step raises nothing, the target holds DynamicJaxprTracer, and its use raises UnexpectedTracerError
#   numbers written: the step raises nothing, the target holds Ref, and its use raises nothing
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


class Network(nnx.Module):
    def __init__(self, weight, ref):
        self.w = nnx.Param(jnp.float32(weight), ref=ref)


def copy_state(target, online):
    nnx.update(target, nnx.state(online))


def copy_numbers(target, online):
    target.w[...] = online.w[...]


def attempt(call):
    """The name of what is raised."""
    try:
        jax.block_until_ready(call())
    except Exception as error:
        return type(error).__name__
    return "nothing"


def outcome(copy, ref=True, **mode):
    online, target = Network(1.0, ref), Network(0.0, ref)
    step = nnx.jit(lambda online: copy(target, online), **mode)
    raised = attempt(lambda: step(online))
    return raised, type(target.w.get_raw_value()).__name__, attempt(lambda: target.w[...] + 1)


print("an array: the step raises {}, the target holds {}".format(*outcome(copy_state, ref=False)))
text = "the step raises {}, the target holds {}, and its use raises {}"
lost = []
for told, mode in (("", {}), (", graph_updates=False", {"graph_updates": False}), (", graph=False", {"graph": False})):
    lost.append(outcome(copy_state, **mode))
    print(f"a reference{told}: " + text.format(*lost[-1]))
kept = outcome(copy_numbers)
print("numbers written: " + text.format(*kept))
as_stated = set(lost) == {("nothing", "DynamicJaxprTracer", "UnexpectedTracerError")} and kept[1] == "Ref"
sys.exit(0 if as_stated and outcome(copy_state, ref=False)[0] == "TraceContextError" else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
