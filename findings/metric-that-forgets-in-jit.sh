#!/usr/bin/env bash
# A metric of metrax.nnx stays at 0 in nnx.jit with graph_updates=False, where the same metric of flax.nnx counts.
#
# Date: 2026-11-30
#
# Versions: google-metrax 0.2.4, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   metrax.nnx wraps the metrics of metrax as NNX metrics, to be updated in an evaluation step as those of flax.nnx are.
#   graph_updates=False is the faster mode of nnx.jit: what a step writes to Variables is kept. One expects that a
#   metric counts in each mode, or is refused.
#
#   In that mode metrax.nnx.Accuracy of a model that is right three times out of four is 0, and MSE is 0, which looks
#   perfect, after any number of batches. The update happens within the step, where compute is right, and is lost at its
#   end. flax.nnx's metrics count in both modes, and those of metrax.nnx do eagerly and in the default mode. No error or
#   warning tells. graph=False, the stricter mode, refuses the wrapper with a TypeError.
#
#   The source: `NnxWrapper` in metrax/nnx/nnx_wrapper.py keeps its arrays in a plain attribute, `self.clu_metric`, and
#   assigns a new one with each update. Flax's metrics keep theirs in a Variable of the type MetricState.
#
# Output seen:
#   metric                     mode                  within the last step   after it   right
#   metrax.nnx.Accuracy        eager                                 0.75       0.75    0.75
#   metrax.nnx.Accuracy        nnx.jit                               0.75       0.75    0.75
#   metrax.nnx.Accuracy        graph_updates=False                   0.75       0.00    0.75
#   metrax.nnx.MSE             eager                                 0.25       0.25    0.25
#   metrax.nnx.MSE             nnx.jit                               0.25       0.25    0.25
#   metrax.nnx.MSE             graph_updates=False                   0.25       0.00    0.25
#   metrax.nnx.Precision       eager                                 1.00       1.00    1.00
#   metrax.nnx.Precision       nnx.jit                               1.00       1.00    1.00
#   metrax.nnx.Precision       graph_updates=False                   1.00       0.00    1.00
#   flax.nnx.metrics.Accuracy  eager                                 0.75       0.75    0.75
#   flax.nnx.metrics.Accuracy  nnx.jit                               0.75       0.75    0.75
#   flax.nnx.metrics.Accuracy  graph_updates=False                   0.75       0.75    0.75
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
packages=('google-metrax==0.2.4' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
import metrax.nnx
from flax import nnx

LABELS = jnp.array([1, 1, 0, 1])
RIGHT_ONCE_LESS = jnp.array([1, 0, 0, 1])
LOGITS = jax.nn.one_hot(RIGHT_ONCE_LESS, 2)


def metrax_step(metric):
    metric.update(predictions=RIGHT_ONCE_LESS, labels=LABELS)
    return metric.compute()


def flax_step(metric):
    metric.update(logits=LOGITS, labels=LABELS)
    return metric.compute()


CASES = {
    "metrax.nnx.Accuracy": (metrax.nnx.Accuracy, metrax_step, 0.75),
    "metrax.nnx.MSE": (metrax.nnx.MSE, metrax_step, 0.25),
    "metrax.nnx.Precision": (metrax.nnx.Precision, metrax_step, 1.0),
    "flax.nnx.metrics.Accuracy": (nnx.metrics.Accuracy, flax_step, 0.75),
}
MODES = {
    "eager": lambda f: f,
    "nnx.jit": nnx.jit,
    "graph_updates=False": lambda f: nnx.jit(f, graph_updates=False),
}
seen = {}
print("metric                     mode                  within the last step   after it   right")
for name, (kind, step, right) in CASES.items():
    for mode, transform in MODES.items():
        metric, compiled = kind(), transform(step)
        within = [float(compiled(metric)) for _ in range(5)][-1]
        seen[name, mode] = (within, float(metric.compute()), right)
        print(f"{name:27}{mode:22}{within:20.2f}{seen[name, mode][1]:11.2f}{right:8.2f}")
within = all(row[0] == row[2] for row in seen.values())
lost = {key for key, row in seen.items() if row[1] == 0.0}
kept = all(row[1] == row[2] for key, row in seen.items() if key not in lost)
wanted = {(name, "graph_updates=False") for name in CASES if name.startswith("metrax")}
sys.exit(0 if within and kept and lost == wanted else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
