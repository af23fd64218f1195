#!/usr/bin/env bash
# clu.metrics.LastValue is NaN after a merge with its empty(), which is to be a no-op; merged the other way it is right.
#
# Date: 2026-11-29
#
# Versions: clu 0.0.12, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   Metric.empty() "returns an empty instance (i.e. `.merge(Metric.empty())` is a no-op)". A loop that starts from
#   empty(), or that merges a part of the data in which nothing came, relies on it. One expects that the value before is
#   the value after.
#
#   A LastValue of 2 that is merged with an empty one is NaN, in a Collection as well, where the Average beside it keeps
#   its value. A worker without a batch, or an evaluation step whose mask is 0 everywhere, does the same to the last
#   learning rate. empty().merge(value) is right, and so is reduce(), which adds up.
#
#   The source: `LastValue.merge` in clu/metrics.py returns `other`, whatever its count is; the value is then 0 / 0.
#
# Output seen:
#                alone   with empty()   empty() with it   with a batch of padding   reduce() of the two
#   Average       2.00           2.00              2.00                      2.00                  2.00
#   LastValue     2.00            nan              2.00                       nan                  2.00
#   two steps and a last one that is all padding: {'loss': 0.8, 'rate': nan}
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
packages=('clu==0.0.12' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import flax
import jax.numpy as jnp
import numpy as np
from clu import metrics

value = jnp.array([1.0, 2.0, 3.0])
METRICS = {"Average": metrics.Average, "LastValue": metrics.LastValue}
seen = {}
print("             alone   with empty()   empty() with it   with a batch of padding   reduce() of the two")
for name, kind in METRICS.items():
    metric = kind.from_model_output(value)
    padding = kind.from_model_output(value, mask=jnp.zeros(3))
    stacked = kind(
        total=jnp.stack([metric.total, padding.total]),
        count=jnp.stack([metric.count, padding.count]),
    )
    merged = metric.merge(kind.empty()), kind.empty().merge(metric), metric.merge(padding), stacked.reduce()
    seen[name] = [float(metric.compute())] + [float(m.compute()) for m in merged]
    row = seen[name]
    print(f"{name:10} {row[0]:7.2f} {row[1]:14.2f} {row[2]:17.2f} {row[3]:25.2f} {row[4]:21.2f}")


@flax.struct.dataclass
class Train(metrics.Collection):
    loss: metrics.Average.from_output("loss")
    rate: metrics.LastValue.from_output("rate")


state = Train.empty()
steps = [(0.9, 0.1, 1.0), (0.7, 0.05, 1.0), (0.0, 0.05, 0.0)]
for loss, rate, weight in steps:
    mask = jnp.full(2, weight)
    state = state.merge(Train.single_from_model_output(loss=jnp.full(2, loss), rate=jnp.full(2, rate), mask=mask))
result = {name: float(value) for name, value in state.compute().items()}
print("two steps and a last one that is all padding:", {name: round(value, 3) for name, value in result.items()})
average = seen["Average"] == [2.0] * 5
last = [seen["LastValue"][i] for i in (0, 2, 4)] == [2.0] * 3 and np.isnan([seen["LastValue"][i] for i in (1, 3)]).all()
sys.exit(0 if average and last and np.isnan(result["rate"]) and abs(result["loss"] - 0.8) < 1e-6 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
