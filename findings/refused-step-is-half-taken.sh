#!/usr/bin/env bash
# nnx.cached_partial refuses a step and has taken half of it: the model is updated each time, and the log never.
#
# Date: 2026-11-29
#
# Versions: flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU. It is so since flax 0.10.4.
#
# Behaviour:
#   docs_nnx/guides/performance.md has nnx.cached_partial for training loops. A function that changes the structure of a
#   cached argument is refused, and the message says so. A call that raises a ValueError is one that did not happen: a
#   loop that catches it and goes on, or that calls the step once more without the cache, counts on that.
#
#   Here the step updates a model and counts in a log, and at the best loss it puts a new Variable into the log. That
#   call is refused. The model keeps the update, being the argument before the log; the log does not count. Three
#   refused calls are three updates. With the log before the model nothing of the call stays. nnx.jit alone takes the new
#   Variable.
#
#   The source: `MergeContext.unflatten` in flax/nnx/graphlib.py goes over the arguments in turn, updates each Variable of
#   one in place, and compares the graph definition of a cached one when it comes to it.
#
# Output seen:
#   arguments     refused   weight   steps
#   model, log    3         4.0      1
#   log, model    3         1.0      1
#   nnx.jit alone 0         4.0      4
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


class Model(nnx.Module):
    def __init__(self):
        self.weight = nnx.Param(jnp.zeros(()))


class Log(nnx.Module):
    def __init__(self):
        self.steps = nnx.Variable(jnp.zeros((), jnp.int32))


def step(model, log, best):
    model.weight[...] += 1
    log.steps[...] += 1
    if best:
        log.best = nnx.Variable(model.weight[...])


def reversed_step(log, model, best):
    step(model, log, best)


def outcome(names, function):
    objects = {"model": Model(), "log": Log()}
    cached = nnx.cached_partial(nnx.jit(function, static_argnums=2), *(objects[name] for name in names))
    cached(False)
    refused = 0
    for _ in range(3):
        try:
            cached(True)
        except ValueError as error:
            refused += "added to cached_partial was mutated" in str(error)
    return refused, float(objects["model"].weight[...]), int(objects["log"].steps[...])


seen = {}
print("arguments     refused   weight   steps")
for names, function in ((("model", "log"), step), (("log", "model"), reversed_step)):
    seen[names] = outcome(names, function)
    print(f"{', '.join(names):14}{seen[names][0]:<10}{seen[names][1]:<9}{seen[names][2]}")
model, log = Model(), Log()
for best in (False, True, True, True):
    nnx.jit(step, static_argnums=2)(model, log, best)
print(f"nnx.jit alone {0:<10}{float(model.weight[...]):<9}{int(log.steps[...])}")
wanted = {("model", "log"): (3, 4.0, 1), ("log", "model"): (3, 1.0, 1)}
sys.exit(0 if seen == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
