#!/usr/bin/env bash
# A donated train step fails with six optimizers of optax.contrib, whose first state is the weights themselves.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   A train step that donates its weights and its optimizer state saves a copy of both, and works with adam and sgd. An
#   optimizer that remembers where it started, as those do that need no learning rate, is expected to have its own copy.
#
#   cocob, dog, dowg, prodigy, madgrad and mechanize put the array of the caller into the state. The first step that
#   donates both fails, "Attempt to donate the same buffer twice", one that donates the weights alone fails too, and so
#   does one that donates the state alone. schedule_free_sgd and dadapt_adamw, which also keep weights or sums of their
#   own, work. With a copy of the weights for init all work but cocob, whose sums are one array of zeros three times. A
#   state from jax.jit(init) works for all, so that it depends on how a state was made whether it can be donated.
#
#   The source: `init_fn` in optax/contrib/_cocob.py, _dog.py, _prodigy.py and _mechanic.py returns params as a field of
#   the state; that in _madgrad.py maps `lambda x: x` over them.
#
# Output seen:
#   donated            both             the weights      the state        both, jit(init)  both, a copy
#   sgd                works            works            works            works            works
#   adam               works            works            works            works            works
#   schedule_free_sgd  works            works            works            works            works
#   dadapt_adamw       works            works            works            works            works
#   cocob              donated twice    used after it    used after it    works            donated twice
#   dog                donated twice    used after it    used after it    works            works
#   dowg               donated twice    used after it    used after it    works            works
#   prodigy            donated twice    used after it    used after it    works            works
#   madgrad            donated twice    used after it    used after it    works            works
#   mechanize          donated twice    used after it    used after it    works            works
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'optax==0.2.8')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import jax
import jax.numpy as jnp
import optax
from optax import contrib

OPTIMIZERS = {
    "sgd": optax.sgd(0.1),
    "adam": optax.adam(0.1),
    "schedule_free_sgd": contrib.schedule_free_sgd(0.1),
    "dadapt_adamw": contrib.dadapt_adamw(0.1),
    "cocob": contrib.cocob(),
    "dog": contrib.dog(),
    "dowg": contrib.dowg(),
    "prodigy": contrib.prodigy(),
    "madgrad": contrib.madgrad(0.1),
    "mechanize": contrib.mechanize(optax.sgd(1.0)),
}


def loss(weights):
    return (weights["kernel"] ** 2).sum()


def attempt(transform, donated, init):
    def step(weights, state):
        updates, state = transform.update(jax.grad(loss)(weights), state, weights)
        return optax.apply_updates(weights, updates), state

    weights = {"kernel": jnp.ones((4, 3))}
    state = init(weights)
    compiled = jax.jit(step, donate_argnums=donated)
    try:
        for _ in range(2):
            weights, state = compiled(weights, state)
    except jax.errors.JaxRuntimeError as error:
        return "donated twice" if "twice" in str(error) else "used after it"
    return "works"


WAYS = {
    "both": ((0, 1), lambda init: init),
    "the weights": ((0,), lambda init: init),
    "the state": ((1,), lambda init: init),
    "both, jit(init)": ((0, 1), jax.jit),
    "both, a copy": ((0, 1), lambda init: lambda weights: init(jax.tree.map(jnp.copy, weights))),
}
seen = {}
print("donated           ", *(f"{way:16}" for way in WAYS))
for name, transform in OPTIMIZERS.items():
    seen[name] = {way: attempt(transform, donated, wrap(transform.init)) for way, (donated, wrap) in WAYS.items()}
    print(f"{name:18}", *(f"{result:16}" for result in seen[name].values()))
names = list(OPTIMIZERS)
sound = all(set(seen[name].values()) == {"works"} for name in names[:4])
fails = all(seen[name][way] != "works" for name in names[4:] for way in list(WAYS)[:3])
copied = [name for name in names if seen[name]["both, a copy"] != "works"] == ["cocob"]
jitted = all(seen[name]["both, jit(init)"] == "works" for name in names)
sys.exit(0 if sound and fails and copied and jitted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
