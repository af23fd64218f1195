#!/usr/bin/env bash
# optax.contrib.muon orthogonalises the biases of an attention layer, and its kernels go to Adam.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   Muon is made for the weight matrices of a transformer; biases and scales are meant for Adam. One expects
#   optax.contrib.muon with nnx.MultiHeadAttention to treat the projections by Muon.
#
#   It does the opposite. By default muon (optax/contrib/_muon.py) takes the parameters with two axes. The
#   projections of NNX have three, (features, heads, head_dim), and their biases have two, (heads,
#   head_dim). Layers that are stacked for nnx.scan have an axis more as well, so of those each kernel goes
#   to Adam and each bias to Muon. Training runs, and the names in the state tell only who looks.
#   muon_weight_dimension_numbers sets it right.
#
# Output seen:
#   Linear
#     Muon: kernel
#     Adam: bias
#   three stacked Linears
#     Muon: bias
#     Adam: kernel
#   attention
#     Muon: key.bias, query.bias, value.bias
#     Adam: key.kernel, out.bias, out.kernel, query.kernel, value.kernel
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
packages=('flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'optax==0.2.8')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
import optax
from flax import nnx


def by_optimizer(model):
    optimizer = nnx.Optimizer(model, optax.contrib.muon(1e-2), wrt=nnx.Param)
    result = {}
    for name, state in optimizer.opt_state.inner_states.items():
        moments = jax.tree_util.tree_leaves_with_path(state.inner_state[0].mu)
        result[name] = [".".join(str(key.key) for key in path[:-1]) for path, _ in moments]
    return result["muon"], result["adam"]


@nnx.split_rngs(splits=3)
@nnx.vmap
def stack(rngs):
    return nnx.Linear(8, 8, rngs=rngs)


seen = {}
for text, model in (
    ("Linear", nnx.Linear(8, 8, rngs=nnx.Rngs(0))),
    ("three stacked Linears", stack(nnx.Rngs(0))),
    ("attention", nnx.MultiHeadAttention(2, 8, rngs=nnx.Rngs(0))),
):
    seen[text] = by_optimizer(model)
    print(f"{text}\n  Muon: {', '.join(seen[text][0])}\n  Adam: {', '.join(seen[text][1])}")
ok = seen["Linear"] == (["kernel"], ["bias"])
ok = ok and seen["three stacked Linears"] == (["bias"], ["kernel"])
ok = ok and seen["attention"][0] == ["key.bias", "query.bias", "value.bias"]
sys.exit(0 if ok else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
