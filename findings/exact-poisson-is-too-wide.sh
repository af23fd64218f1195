#!/usr/bin/env bash
# jax.random.poisson draws with a deviation 31% too large by its exact method, and not by its approximate one.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   jax.random.poisson has two methods, "exact" (the default) and "approximate". Of a large rate, such as the
#   photons of a pixel, the draws have the deviation of the root of the rate. float32 has a relative error of
#   6e-8, a thousandth of the deviation at a rate of 1e8, so one expects a right spread from both, and the
#   better one from the exact method.
#
#   The deviation of the exact method is 3% too small at 1e7, 11% too small at 3e7, and 31% too large from
#   1e8 on. The approximate one is right everywhere. The test that accepts a draw (_poisson_rejection,
#   jax/_src/random/core.py) subtracts k log(rate), the rate and lgamma(k + 1) from each other, numbers of
#   some 1e9 whose difference is about 10. In float32 that is noise, and the draws keep the shape of the
#   proposals. With jax_enable_x64 nothing changes, not even for a float64 rate: the rate is cast to float32.
#
# Output seen:
#   deviation over the root of the rate   exact  approximate
#   rate 1e+03                             0.998  1.001
#   rate 1e+05                             0.999  1.001
#   rate 1e+07                             0.963  1.001
#   rate 3e+07                             0.894  1.001
#   rate 1e+08                             1.317  1.001
#   rate 1e+09                             1.319  1.001
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1')
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

jax.config.update("jax_enable_x64", True)
draws = 100_000


def deviation(rate, method):
    """The deviation of the draws over the root of the rate."""
    sample = jax.random.poisson(jax.random.key(0), jnp.float64(rate), (draws,), method=method)
    return float(sample.astype(float).std() / rate**0.5)


rates, methods = (1e3, 1e5, 1e7, 3e7, 1e8, 1e9), ("exact", "approximate")
rows = {rate: [deviation(rate, method) for method in methods] for rate in rates}
print("deviation over the root of the rate   exact  approximate")
for rate, (exact, approximate) in rows.items():
    print(f"rate {rate:.0e}                             {exact:.3f}  {approximate:.3f}")
right = all(abs(row[1] - 1) < 0.02 for row in rows.values()) and abs(rows[1e3][0] - 1) < 0.02
sys.exit(0 if right and rows[3e7][0] < 0.95 and rows[1e8][0] > 1.2 and rows[1e9][0] > 1.2 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
