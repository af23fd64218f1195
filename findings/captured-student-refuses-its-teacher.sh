#!/usr/bin/env bash
# nnx.capture with method_outputs refuses each loss that has a second model: "Expected '__call__' to be a Variable".
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   Distillation compares a student with a teacher. nnx.capture of the loss with method_outputs=nnx.Intermediate is to
#   give the outputs of the methods "in the module and its submodules", where the module is the first argument, the
#   student. One expects the teacher to be left alone.
#
#   The teacher's first call raises ValueError: "Expected '__call__' to be a Variable, got method". It is enough that
#   the teacher has an nnx.Linear, as the student has one. Without method_outputs it works. The two containers of the
#   captures stay in the student after the error, so that its state has two more Variables than before.
#
#   The source: `_add_capturing` (flax/nnx/module.py) wraps the methods in the classes, and so in all instances. A
#   module without a container of captures then sows in the old manner, which is deprecated: into an attribute with the
#   name of the method, and that is taken. `capture` removes its containers after the call that raised, where it is not
#   reached.
#
# Output seen:
#   without method_outputs            works; left in the student: 0
#   teacher of the same class         Expected '__call__' to be a Variable, got method; left in the student: 2
#   teacher of another class          Expected '__call__' to be a Variable, got method; left in the student: 2
#   teacher without a class in common works; left in the student: 0
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


class Student(nnx.Module):
    def __init__(self):
        self.first = nnx.Linear(2, 2, rngs=nnx.Rngs(0))

    def __call__(self, x):
        return self.first(x)


class Teacher(nnx.Module):
    def __init__(self):
        self.first = nnx.Linear(2, 2, rngs=nnx.Rngs(1))

    def __call__(self, x):
        return jax.nn.tanh(self.first(x))


class Bare(nnx.Module):
    def __init__(self):
        self.kernel = nnx.Param(jnp.ones((2, 2)))

    def __call__(self, x):
        return x @ self.kernel[...]


def loss(student, teacher, x):
    return jnp.mean((student(x) - teacher(x)) ** 2)


def attempt(teacher, methods):
    student, x = Student(), jnp.ones((1, 2))
    try:
        nnx.capture(loss, nnx.Intermediate, method_outputs=methods)(student, teacher, x)
    except ValueError as error:
        left = len(nnx.to_flat_state(nnx.state(student))) - len(nnx.to_flat_state(nnx.state(Student())))
        return str(error), left
    return "works", 0


seen = []
for text, teacher, methods in (
    ("without method_outputs", Teacher(), None),
    ("teacher of the same class", Student(), nnx.Intermediate),
    ("teacher of another class", Teacher(), nnx.Intermediate),
    ("teacher without a class in common", Bare(), nnx.Intermediate),
):
    seen.append(attempt(teacher, methods))
    print(f"{text:34}{seen[-1][0]}; left in the student: {seen[-1][1]}")
refused = "Expected '__call__' to be a Variable, got method"
sys.exit(0 if [text for text, _ in seen] == ["works", refused, refused, "works"] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
