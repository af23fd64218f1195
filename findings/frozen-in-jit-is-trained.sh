#!/usr/bin/env bash
# A layer that a function marks as frozen is trained if the function ran in nnx.jit or nnx.shard_map.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   A function that prepares a model for fine tuning scales its encoder, and marks it by set_metadata(frozen=True), and
#   the head by frozen=False. A filter of nnx.Optimizer asks for that mark. Graph mode, the default, promises that what
#   a function changes in its arguments reaches the caller, and one expects the head to be trained, whether the function
#   is compiled or not.
#
#   After nnx.jit or nnx.shard_map the encoder has its new value, and neither of the two has its new mark: the encoder
#   is trained and the head stands still. Nothing is said. nnx.remat and nnx.cond keep the marks, unless a jit is around
#   them, and so does nnx.jit with graph_updates=False or graph=False.
#
#   The source: `_jit_split_fn` in flax/nnx/transforms/compilation.py takes a module apart into bare arrays and a graph
#   definition, which has the new metadata. `_graph_unflatten` in flax/nnx/graphlib.py then finds the caller's Variable,
#   and for a bare array sets its value alone; the metadata of the definition serves only a Variable that is new. The
#   other transforms hand out Variables, whose metadata is taken over.
#
# Output seen:
#   what is trained              default  graph_updates=False          graph=False
#   no transform                    head                 head                 head
#   jit                          encoder                 head                 head
#   shard_map                    encoder                 head                 head
#   remat                           head                 head                 head
#   cond                            head                 head                 head
#   jit of remat                 encoder                 head                 head
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
import jax.numpy as jnp
import optax
from flax import nnx
from jax.sharding import AxisType, PartitionSpec

mesh = jax.make_mesh((1,), ("data",), axis_types=(AxisType.Auto,))
MODES = {"default": {}, "graph_updates=False": {"graph_updates": False}, "graph=False": {"graph": False}}


class Model(nnx.Module):
    def __init__(self):
        self.encoder = nnx.Param(jnp.ones(2))
        self.head = nnx.Param(jnp.ones(2), frozen=True)


def freeze_encoder(model):
    model.encoder[...] = model.encoder[...] / jnp.linalg.norm(model.encoder[...])
    model.encoder.set_metadata(frozen=True)
    model.head.set_metadata(frozen=False)


def trained(path, value):
    return isinstance(value, nnx.Param) and not value.get_metadata().get("frozen", False)


def moved_by_training(transform, mode):
    model = Model()
    transform(mode)(model)
    optimizer = nnx.Optimizer(model, optax.sgd(0.1), wrt=trained)
    before = {name: getattr(model, name)[...] for name in ("encoder", "head")}
    loss = lambda model: jnp.sum(model.encoder[...] * model.head[...])
    optimizer.update(model, nnx.grad(loss, argnums=nnx.DiffState(0, trained))(model))
    return [name for name, value in before.items() if (getattr(model, name)[...] != value).any()]


transforms = {
    "no transform": lambda mode: freeze_encoder,
    "jit": lambda mode: nnx.jit(freeze_encoder, **mode),
    "shard_map": lambda mode: nnx.shard_map(
        freeze_encoder, mesh=mesh, in_specs=(PartitionSpec(),), out_specs=None, **mode
    ),
    "remat": lambda mode: nnx.remat(freeze_encoder, **mode),
    "cond": lambda mode: lambda model: nnx.cond(True, freeze_encoder, freeze_encoder, model, **mode),
    "jit of remat": lambda mode: nnx.jit(lambda model: nnx.remat(freeze_encoder, **mode)(model), **mode),
}
seen = {}
print(f"{'what is trained':15}" + "".join(f"{name:>21}" for name in MODES))
for name, transform in transforms.items():
    seen[name] = [" ".join(moved_by_training(transform, mode)) for mode in MODES.values()]
    print(f"{name:15}" + "".join(f"{moved:>21}" for moved in seen[name]))
lost = ("jit", "shard_map", "jit of remat")
sys.exit(0 if all(row == ["encoder" if name in lost else "head", "head", "head"] for name, row in seen.items()) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
