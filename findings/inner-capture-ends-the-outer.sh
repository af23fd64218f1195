#!/usr/bin/env bash
# An nnx.capture inside of another ends it: values of its own module are lost, and methods after it are not seen.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A model computes a penalty on the activations of its encoder, and gets them by nnx.capture. Around the model stands
#   another nnx.capture, for a log. One expects that the log has what it has without the penalty, from encoder and
#   decoder.
#
#   Nothing of the encoder is in it. With method_outputs the outputs of the decoder's layers are missing too, which run
#   after the inner capture. The result of the model is right, and nothing is raised or warned.
#
#   The source: `capture` (flax/nnx/module.py) sets `__captures__` of each module below its own, over that of an outer
#   capture, and deletes it at its end. It also takes the wrappers for methods off the classes at its end
#   (`_remove_capturing`), whether it has put them there or the outer one has. A class such as nnx.Linear has instances
#   in the whole model.
#
# Output seen:
#   without
#     what is sown: decoder.out encoder.out
#     and methods:  __call__ decoder.__call__ decoder.linear.__call__ decoder.out encode encoder.__call__
#                   encoder.linear.__call__ encoder.out
#   with an inner capture
#     what is sown: decoder.out
#     and methods:  __call__ decoder.out encode
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


class Layer(nnx.Module):
    def __init__(self, seed):
        self.linear = nnx.Linear(2, 2, rngs=nnx.Rngs(seed))

    def __call__(self, x):
        y = jax.nn.tanh(self.linear(x))
        self.sow(nnx.Intermediate, "out", y)
        return y


class Model(nnx.Module):
    def __init__(self, inner):
        self.inner = inner
        self.encoder, self.decoder = Layer(0), Layer(1)

    def encode(self, x):
        if not self.inner:
            return self.encoder(x), 0.0
        y, state = nnx.capture(self.encoder, nnx.Intermediate)(x)
        return y, jnp.mean(state["out"].get_value()[0] ** 2)

    def __call__(self, x):
        y, penalty = self.encode(x)
        return self.decoder(y) + penalty


def paths(model, **options):
    _, state = nnx.capture(model, nnx.Intermediate, **options)(jnp.ones((1, 2)))
    return sorted(".".join(map(str, path)) for path, _ in nnx.to_flat_state(state))


seen = []
for inner in (False, True):
    seen.append(paths(Model(inner)))
    seen.append(paths(Model(inner), method_outputs=nnx.Intermediate))
    print("with an inner capture" if inner else "without")
    print("  what is sown:", *seen[-2])
    print("  and methods: ", *seen[-1])
ok = seen[:3] == [
    ["decoder.out", "encoder.out"],
    sorted(
        ["__call__", "decoder.__call__", "decoder.linear.__call__", "decoder.out", "encode", "encoder.__call__"]
        + ["encoder.linear.__call__", "encoder.out"]
    ),
    ["decoder.out"],
]
sys.exit(0 if ok and "encoder.out" not in seen[3] and "decoder.linear.__call__" not in seen[3] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
