#!/usr/bin/env bash
# A compiled step that copies one network into another copies nothing, if they hold references and graph updates are off.
#
# Date: 2026-12-01
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A step under nnx.jit is given an online network and a target network, and copies the one into the other:
#   nnx.update(target, nnx.state(online)). Inside of the step the target has the online weight. After the
#   step it has it with Variables that hold arrays, in every mode. With references (ref=True), and
#   graph_updates=False or graph=False, the target is as it was before. Nothing is raised.
#
#   nnx.update puts the online network's reference into the target, and an exchanged reference is not handed
#   back without graph updates. With graph updates it is, and from then on the two networks share one
#   reference, as they do if nnx.update is called outside of a transform: what trains the one changes the
#   other. So the same line copies, shares or does nothing.
#
# Output seen:
#   arrays, graph updates: inside 1.0, after the step 1.0, after the online network goes on to 5.0: 1.0
#   arrays, graph_updates=False: inside 1.0, after the step 1.0, after the online network goes on to 5.0: 1.0
#   arrays, graph=False: inside 1.0, after the step 1.0, after the online network goes on to 5.0: 1.0
#   references, graph updates: inside 1.0, after the step 1.0, after the online network goes on to 5.0: 5.0
#   references, graph_updates=False: inside 1.0, after the step 0.0, after the online network goes on to 5.0: 0.0
#   references, graph=False: inside 1.0, after the step 0.0, after the online network goes on to 5.0: 0.0
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


class Network(nnx.Module):
    def __init__(self, weight, ref):
        self.w = nnx.Param(jnp.float32(weight), ref=ref)


def weights(ref, **mode):
    """The target's weight in the step, after it, and after the online network has gone on."""
    online, target = Network(1.0, ref), Network(0.0, ref)

    def step(online, target):
        nnx.update(target, nnx.state(online))
        return target.w[...] + 0.0

    inside = nnx.jit(step, **mode)(online, target)
    after = float(target.w[...])
    online.w[...] = jnp.float32(5.0)
    return float(inside), after, float(target.w[...])


modes = {"graph updates": {}, "graph_updates=False": {"graph_updates": False}, "graph=False": {"graph": False}}
seen = {}
for held, ref in (("arrays", False), ("references", True)):
    for told, mode in modes.items():
        seen[held, told] = weights(ref, **mode)
        inside, after, later = seen[held, told]
        print(f"{held}, {told}: inside {inside}, after the step {after}, after the online network goes on to 5.0: {later}")
stated = {key: (1.0, 1.0, 1.0) for key in seen}
stated |= {("references", "graph updates"): (1.0, 1.0, 5.0)}
stated |= {("references", told): (1.0, 0.0, 0.0) for told in list(modes)[1:]}
sys.exit(0 if seen == stated else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
