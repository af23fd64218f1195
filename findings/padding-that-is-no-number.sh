#!/usr/bin/env bash
# flax-metrics promises that a mask does what an index does; with one of 0 and 1 a padded -1 makes a log error NaN.
#
# Date: 2026-11-30
#
# Versions: flax-metrics 0.4.0, flax 0.12.12, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The readme of flax-metrics says that "passing mask is equivalent to indexing the input with a binary mask", as
#   arrays of one shape need no new compilation. What stands in a masked place then has no meaning.
#
#   If the metric of a masked place is NaN or infinite, that of all is NaN, and it stays so with each further batch: a
#   target of -1, the usual padding, in RootMeanSquaredLogError, forbidden classes of -inf for a padded row in LogProb,
#   or a value that is missing in Average and Welford. With the index in the place of the mask each is right. The mask
#   is one of 0 and 1, as the default, jnp.ones_like(values), is; with a mask of bool XLA turns NaN * False into 0 in 32
#   bits, which hides it, and not in bfloat16. A mean over a day of evaluation is lost by one padded row.
#
#   The source: each `update` in flax_metrics/base.py, classification.py and regression.py multiplies by the mask,
#   `(values * mask).sum()`, and NaN * 0 is NaN. `values.sum(where=mask)` is what the readme promises.
#
# Output seen:
#   metric                     with the mask   with the index   after one more batch, by mask   mask of bool
#   RootMeanSquaredLogError              nan           0.2034                             nan             0.2034
#   Average                              nan           2.0000                             nan             2.0000
#   Welford                              nan           2.0000                             nan             2.0000
#   LogProb                              nan          -0.2201                             nan            -0.2201
#   Average of bfloat16 with a mask of bool: nan
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
packages=('flax-metrics==0.4.0' 'flax==0.12.12' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import numpy as np
from flax_metrics import Average, LogProb, RootMeanSquaredLogError, Welford

mask = jnp.array([1.0, 1.0, 0.0])
targets, predictions = jnp.array([1.0, 2.0, -1.0]), jnp.array([1.0, 3.0, 0.5])
values = jnp.array([1.0, 3.0, jnp.nan])
labels = jnp.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
logits = jnp.array([[1.0, 0.0], [0.0, 2.0], [-jnp.inf, -jnp.inf]])
CASES = {
    "RootMeanSquaredLogError": (RootMeanSquaredLogError, {"target": targets, "prediction": predictions}),
    "Average": (Average, {"values": values}),
    "Welford": (Welford, {"values": values}),
    "LogProb": (LogProb, {"labels": labels, "logits": logits}),
}
seen = {}
print("metric                     with the mask   with the index   after one more batch, by mask   mask of bool")
for name, (kind, arguments) in CASES.items():
    masked, indexed = kind(), kind()
    masked.update(**arguments, mask=mask)
    indexed.update(**{key: value[mask > 0] for key, value in arguments.items()})
    results = [metric.compute() for metric in (masked, indexed)]
    masked.update(**{key: value[:2] for key, value in arguments.items()})
    results.append(masked.compute())
    plain = kind()
    plain.update(**arguments, mask=mask > 0)
    results.append(plain.compute())
    seen[name] = [float(result.mean if name == "Welford" else result) for result in results]
    print(f"{name:23}{seen[name][0]:17.4f}{seen[name][1]:17.4f}{seen[name][2]:32.4f}{seen[name][3]:19.4f}")
lost = all(np.isnan(row[0]) and np.isnan(row[2]) for row in seen.values())
usual = Average()
usual.update(values=jnp.array([1.0, 3.0, 7.0]), mask=mask)
small = Average()
small.update(values=values.astype(jnp.bfloat16), mask=mask > 0)
print(f"Average of bfloat16 with a mask of bool: {float(small.compute())}")
right = all(np.isfinite(row[1]) for row in seen.values()) and usual.compute() == 2
sys.exit(0 if lost and right and np.isnan(small.compute()) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
