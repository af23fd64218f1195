#!/usr/bin/env bash
# Each class of an nnx.Module, and each array that its methods close over, lives as long as the process.
#
# Date: 2026-11-28
#
# Versions: flax 0.12.12, equinox 0.13.8, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#
#   A function makes a model class, as a factory or a notebook cell does, and its methods close over a table of 1 MB.
#   When the class and its objects are gone, one expects the memory back. So it is with a plain dataclass and with a
#   module of Linen.
#
#   A class of an nnx.Module or of an nnx.Variable never dies, with or without an object of it, whatever
#   jax.clear_caches() and gc.collect() do: Pytree.__init_subclass__ (flax/nnx/pytreelib.py) and that of Variable
#   register each subclass with jax, whose registry holds the class and has no way to unregister it. eqx.Module and
#   flax.struct.dataclass do the same. Notebook cells, tests and sweeps over generated classes grow by all that the
#   classes refer to. A table that the object holds as an attribute is freed.
#
# Output seen:
#                            classes alive of 10   MB alive of 10
#   plain_dataclass                            0                0
#   linen_module                               0                0
#   nnx_module                                10               10
#   nnx_variable                              10               10
#   equinox_module                            10               10
#   flax_dataclass                            10               10
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
packages=('flax==0.12.12' 'equinox==0.13.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import dataclasses
import gc
import sys
import weakref

import equinox as eqx
import flax.linen as nn
import flax.struct
import jax
import jax.numpy as jnp
from flax import nnx


def nnx_module(table):
    class Model(nnx.Module):
        def __call__(self, x):
            return x + table

    return Model


def nnx_variable(table):
    class Constrained(nnx.Param):
        def project(self):
            return jnp.minimum(self[...], table)

    return Constrained


def linen_module(table):
    class Model(nn.Module):
        def __call__(self, x):
            return x + table

    return Model


def equinox_module(table):
    class Model(eqx.Module):
        def __call__(self, x):
            return x + table

    return Model


def flax_dataclass(table):
    @flax.struct.dataclass
    class Data:
        x: jax.Array

        def __call__(self):
            return self.x + table

    return Data


def plain_dataclass(table):
    @dataclasses.dataclass
    class Data:
        x: jax.Array

        def __call__(self):
            return self.x + table

    return Data


def alive(make):
    """How many of ten classes are alive after their last use, and how many MB of arrays."""
    before = sum(array.nbytes for array in jax.live_arrays())
    classes = [weakref.ref(make(jnp.zeros((256, 1024)))) for _ in range(10)]
    jax.clear_caches()
    gc.collect()
    grown = sum(array.nbytes for array in jax.live_arrays()) - before
    return sum(reference() is not None for reference in classes), round(grown / 2**20)


seen = {}
print("                         classes alive of 10   MB alive of 10")
for make in (plain_dataclass, linen_module, nnx_module, nnx_variable, equinox_module, flax_dataclass):
    seen[make.__name__] = alive(make)
    print(f"{make.__name__:22}{seen[make.__name__][0]:22}{seen[make.__name__][1]:17}")
kept = dict.fromkeys(seen, (10, 10)) | {"plain_dataclass": (0, 0), "linen_module": (0, 0)}
sys.exit(0 if seen == kept else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
