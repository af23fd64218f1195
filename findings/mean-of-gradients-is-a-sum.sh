#!/usr/bin/env bash
# In nnx.shard_map the mean of the gradients over the devices is their sum, and the sum is four times that.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A data-parallel step of nnx.pmap takes the gradient of the loss of its part of the batch and then
#   jax.lax.pmean over the devices: the gradient of the mean loss. nnx.shard_map with the model replicated
#   and the batch split is its successor, and the tutorial of jax says that psum computes total gradients
#   where grad is inside of the mapped function. One expects the same body to give the same gradient.
#
#   On 4 devices pmean gives 4 times the gradient and psum 16 times. Since the model is known to be the same
#   on all devices, nnx.grad adds up its gradient over the devices by itself, so each device holds the sum
#   already. pmean and psum of a value that is the same everywhere are that value, and 4 times it. The factor
#   is the number of devices: the same learning rate is another one on 8, and Adam hides it. With
#   check_vma=False there is no such sum, and all is as in pmap. Or one takes the gradient of the pmean of
#   the loss.
#
# Output seen:
#   the whole batch on one device:            3.5
#   nnx.pmap, pmean of the gradient:          3.5
#   nnx.shard_map, no reduction:              14.0
#   nnx.shard_map, pmean of the gradient:     14.0
#   nnx.shard_map, psum of the gradient:      56.0
#   nnx.shard_map, pmean, check_vma=False:    3.5
#   nnx.shard_map, gradient of the mean loss: 3.5
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
import os
import sys

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"

import jax
import jax.numpy as jnp
from flax import nnx
from jax.sharding import Mesh, PartitionSpec

mesh = Mesh(jax.devices(), ("data",))
model = nnx.Linear(1, 1, use_bias=False, rngs=nnx.Rngs(0))
x = jnp.arange(8.0).reshape(8, 1)


def loss(model, x):
    return model(x).mean()


def step(reduce):
    return lambda model, x: reduce(nnx.grad(loss)(model, x).kernel[...])


def mean(value):
    return jax.lax.pmean(value, "data")


def total(value):
    return jax.lax.psum(value, "data")


def mean_loss(model, x):
    return mean(loss(model, x))


def shard_map(function, **options):
    specs = {"in_specs": (PartitionSpec(), PartitionSpec("data")), "out_specs": PartitionSpec()}
    return float(nnx.shard_map(function, mesh=mesh, **specs, **options)(model, x).squeeze())


whole = float(nnx.grad(loss)(model, x).kernel[...].squeeze())
pmap = float(nnx.pmap(step(mean), axis_name="data", in_axes=(None, 0))(model, x.reshape(4, 2, 1))[0].squeeze())
none, averaged, summed = (shard_map(step(reduce)) for reduce in (lambda value: value, mean, total))
unchecked = shard_map(step(mean), check_vma=False)
inner = shard_map(lambda model, x: nnx.grad(mean_loss)(model, x).kernel[...])
print("the whole batch on one device:           ", whole)
print("nnx.pmap, pmean of the gradient:         ", pmap)
print("nnx.shard_map, no reduction:             ", none)
print("nnx.shard_map, pmean of the gradient:    ", averaged)
print("nnx.shard_map, psum of the gradient:     ", summed)
print("nnx.shard_map, pmean, check_vma=False:   ", unchecked)
print("nnx.shard_map, gradient of the mean loss:", inner)
right = whole == pmap == unchecked == inner
sys.exit(0 if right and none == averaged == 4 * whole and summed == 16 * whole else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
