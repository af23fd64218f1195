#!/usr/bin/env bash
# jax.random.logistic in bfloat16 draws -87.5 once in 128 draws, and jax.random.rayleigh draws inf.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#
#   The samplers of jax.random take a dtype, and jax.random.gumbel and laplace in bfloat16 have the right deviation, so
#   one expects a coarse but right noise from logistic too, as it is used for concrete gates.
#
#   The deviation of logistic is 7.8 in the place of 1.8, and its mean -0.7. _logistic (jax/_src/random/core.py) draws a
#   uniform number from the smallest normal number on, which is 0 but for its name: in bfloat16 a uniform number has 7
#   random bits, so one in 128 is this least one, and its logit is -87.5. The largest draw is 4.84, so nothing balances
#   it. rayleigh takes the logarithm of 0 at such a draw and is infinite, and once in 1,024 draws in float16. So a
#   gate that should be shut in 0.2% of draws is shut in 0.8%. The docstrings name the dtype without a reservation.
#
# Output seen:
#                      mean  deviation  (right)      least    largest  infinite
#   logistic float32     0.00       1.81  (1.81)      -13.30      12.68         0
#   logistic float16    -0.01       1.82  (1.81)       -9.70       6.93         0
#   logistic bfloat16   -0.68       7.84  (1.81)      -87.50       4.84         0
#   rayleigh float32     1.25       0.65  (0.66)        0.00       5.16         0
#   rayleigh float16     1.25       0.65  (0.66)        0.04       3.72       961
#   rayleigh bfloat16    1.25       0.64  (0.66)        0.12       3.11      7713
#   gumbel float32     0.58       1.28  (1.28)       -2.59      12.68         0
#   gumbel float16     0.57       1.27  (1.28)       -2.27       6.93         0
#   gumbel bfloat16    0.52       1.29  (1.28)       -4.47       4.84         0
#   laplace float32     0.00       1.41  (1.41)      -12.00      12.59         0
#   laplace float16     0.00       1.41  (1.41)       -6.53       7.62         0
#   laplace bfloat16    0.03       1.40  (1.41)       -4.44       5.53         0
#   concrete gates with logit 4, that are shut: 0.0078 right: 0.0018
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
import numpy as np

COUNT = 1_000_000
DRAWS = {
    "logistic": lambda key, dtype: jax.random.logistic(key, (COUNT,), dtype),
    "rayleigh": lambda key, dtype: jax.random.rayleigh(key, jnp.ones((), dtype), (COUNT,), dtype),
    "gumbel": lambda key, dtype: jax.random.gumbel(key, (COUNT,), dtype),
    "laplace": lambda key, dtype: jax.random.laplace(key, (COUNT,), dtype),
}
RIGHT = {"logistic": 1.81, "rayleigh": 0.66, "gumbel": 1.28, "laplace": 1.41}

seen = {}
print("                   mean  deviation  (right)      least    largest  infinite")
for name, draw in DRAWS.items():
    for dtype in (jnp.float32, jnp.float16, jnp.bfloat16):
        draws = np.asarray(draw(jax.random.key(0), dtype), np.float64)
        finite = draws[np.isfinite(draws)]
        infinite = len(draws) - len(finite)
        seen[name, jnp.dtype(dtype).name] = finite.std(), infinite, finite.min()
        print(
            f"{name} {jnp.dtype(dtype).name:9} {finite.mean():6.2f} {finite.std():10.2f}  ({RIGHT[name]:.2f})"
            f" {finite.min():11.2f} {finite.max():10.2f} {infinite:9}"
        )
fine = all(abs(seen[name, "float32"][0] / RIGHT[name] - 1) < 0.05 for name in DRAWS)
others = all(abs(seen[name, "bfloat16"][0] / RIGHT[name] - 1) < 0.05 for name in ("gumbel", "laplace"))
logistic = seen["logistic", "bfloat16"][0] > 6 and seen["logistic", "bfloat16"][2] < -80
rayleigh = seen["rayleigh", "bfloat16"][1] > 5000 and seen["rayleigh", "float16"][1] > 500
steps = jax.random.logistic(jax.random.key(1), (10_000,), jnp.bfloat16)
gate = jax.nn.sigmoid((4.0 + steps.astype(jnp.float32)) / 0.5)
print("concrete gates with logit 4, that are shut:", f"{float((gate < 0.01).mean()):.4f}", "right: 0.0018")
sys.exit(0 if fine and others and logistic and rayleigh else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
