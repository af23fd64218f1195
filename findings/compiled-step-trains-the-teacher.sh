#!/usr/bin/env bash
# A step that nnx.jit compiles ahead writes the student's weights into the teacher, if a static argument stands first.
#
# Date: 2026-11-30
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A step takes a rate, a student and a teacher, and changes the student alone. The rate is static. Who wants to know
#   the memory of a step, or to compile it before the first batch, calls step.lower(rate, student, teacher).compile(),
#   and calls what that returns with (student, teacher): jax leaves the static arguments out there.
#
#   In tree mode, and in graph mode without graph updates, the student stays as it was, and the teacher becomes what
#   the student should have become. No error is raised. Called as step(rate, student, teacher) it is right, and so it
#   is with graph updates, with the rate behind the modules, and with the rate as a static argument by name. If the
#   last module is written to as well, the call fails with "Variable not found at path ... This is a bug in NNX", after
#   it has written to the wrong one. So it does if there is one module alone. Flax plans to make tree mode the default.
#
#   The source: an update is sent back under the path of its argument, such as args[1], among all arguments.
#   `SimpleCompiled.__call__` in flax/nnx/transforms/compilation.py looks for it among the arguments that it was called
#   with, which are one less.
#
# Output seen:
#   one step that takes 0.5 times the teacher's 10 from the student's 1
#   mode             the rate is         called                         student   teacher
#   graph updates    the first argument  directly                          -4.0      10.0
#   graph updates    the first argument  lower(...).compile()(...)         -4.0      10.0
#   no updates       the first argument  directly                          -4.0      10.0
#   no updates       the first argument  lower(...).compile()(...)          1.0      -4.0
#   tree             the first argument  directly                          -4.0      10.0
#   tree             the first argument  lower(...).compile()(...)          1.0      -4.0
#   tree             the last argument   lower(...).compile()(...)         -4.0      10.0
#   tree             given by name       lower(...).compile()(...)         -4.0      10.0
#   tree, one module: RuntimeError: Variable not found at path .args[1].w
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

MODES = {
    "graph updates": {"graph": True, "graph_updates": True},
    "no updates": {"graph": True, "graph_updates": False},
    "tree": {"graph": False},
}


class Net(nnx.Module):
    def __init__(self, value):
        self.w = nnx.Param(jnp.array(value))


def towards(student, teacher, rate):
    student.w[...] = student.w[...] - rate * teacher.w[...]


def first(rate, student, teacher):
    towards(student, teacher, rate)


def step(where, mode):
    """The compiled function, its arguments for lower, and those for what is compiled."""
    student, teacher = Net(1.0), Net(10.0)
    rest = (student, teacher)
    if where == "the first argument":
        return nnx.jit(first, static_argnums=0, **MODES[mode]), (0.5, *rest), {}, rest
    if where == "the last argument":
        return nnx.jit(towards, static_argnums=2, **MODES[mode]), (*rest, 0.5), {}, rest
    return nnx.jit(towards, static_argnames="rate", **MODES[mode]), rest, {"rate": 0.5}, rest


def directly(function, args, kwargs, rest):
    function(*args, **kwargs)


def ahead(function, args, kwargs, rest):
    function.lower(*args, **kwargs).compile()(*rest)


CALLED = {"directly": directly, "lower(...).compile()(...)": ahead}

ROWS = [(mode, "the first argument", called) for mode in MODES for called in CALLED]
ROWS += [("tree", where, "lower(...).compile()(...)") for where in ("the last argument", "given by name")]

print("one step that takes 0.5 times the teacher's 10 from the student's 1")
print("mode             the rate is         called                         student   teacher")
seen = []
for mode, where, called in ROWS:
    made = step(where, mode)
    CALLED[called](*made)
    student, teacher = (float(net.w[...]) for net in made[-1])
    seen.append((student, teacher))
    print(f"{mode:<17}{where:<20}{called:<27}{student:>11}{teacher:>10}")

alone = nnx.jit(lambda rate, net: towards(net, net, rate), static_argnums=0, graph=False)
net = Net(1.0)
try:
    alone.lower(0.5, net).compile()(net)
    told = "no error"
except RuntimeError as error:
    told = f"RuntimeError: {str(error).partition('. This')[0]}"
print(f"tree, one module: {told}")

right, wrong = (-4.0, 10.0), (1.0, -4.0)
expected = [right, right, right, wrong, right, wrong, right, right]
sys.exit(0 if seen == expected and told == "RuntimeError: Variable not found at path .args[1].w" else 1)
PROGRAM
"$folder/venv/bin/python" -W ignore "$folder/program.py"
