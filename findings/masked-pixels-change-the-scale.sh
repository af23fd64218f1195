#!/usr/bin/env bash
# dm_pix.simse with ignore_nans scales by the masked pixels too: a right prediction has an error of 0.11, not 0.
#
# Date: 2026-11-29
#
# Versions: chex 0.1.92, dm-pix 0.4.5, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   simse compares two images up to a factor, as depth maps are that are known up to scale. With ignore_nans it "will
#   ignore NaNs in the inputs", which is how pixels without a measurement are left out. One expects the error over the
#   pixels that both have: 0 if the prediction is a multiple of the truth there.
#
#   A truth with holes has an error although the prediction is right, the larger the more holes there are. With half of
#   the pixels missing the factor is half of the right one. The same holes in the prediction, or in both, give 0.
#   Dropping the pixels from both gives 0 as well, and so do mse, mae and rmse.
#
#   The source: `simse` in dm_pix/_src/metrics.py divides the nansum of a * b, which leaves the holes out, by the nansum
#   of b * b, which only leaves out those of b.
#
# Output seen:
#   missing   holes in the truth    in the prediction    in both    over the common pixels   mse of the truth
#       0.0             0.000000             0.000000   0.000000                  0.000000           0.000000
#       0.1             0.004253             0.000000   0.000000                  0.000000           0.000000
#      0.25             0.032673             0.000000   0.000000                  0.000000           0.000000
#       0.5             0.111355             0.000000   0.000000                  0.000000           0.000000
#       0.9             0.344124             0.000000   0.000000                  0.000000           0.000000
#   a noisy prediction: 0.1137 and one that is darker where nothing was measured: 0.0059
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
packages=('chex==0.1.92' 'dm-pix==0.4.5' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import dm_pix as pix
import jax
import jax.numpy as jnp
import numpy as np

SHAPE = (32, 32, 1)
truth = 0.2 + 0.8 * jax.random.uniform(jax.random.key(0), SHAPE)
prediction = 2 * truth
order = jax.random.uniform(jax.random.key(1), SHAPE)


def dropped(a, b):
    """The same error in float64, over the pixels that both images have."""
    a, b = np.float64(a).ravel(), np.float64(b).ravel()
    both = ~np.isnan(a) & ~np.isnan(b)
    a, b = a[both], b[both]
    return float(((a - (a @ b) / (b @ b) * b) ** 2).mean())


seen = {}
print("missing   holes in the truth    in the prediction    in both    over the common pixels   mse of the truth")
for share in (0.0, 0.1, 0.25, 0.5, 0.9):
    holes = order < share
    a, b = jnp.where(holes, jnp.nan, truth), jnp.where(holes, jnp.nan, prediction)
    row = [float(pix.simse(x, y, ignore_nans=True)) for x, y in ((a, prediction), (truth, b), (a, b))]
    row += [dropped(a, prediction), float(pix.mse(a, truth, ignore_nans=True))]
    seen[share] = row
    print(f"{share:7} {row[0]:20.6f} {row[1]:20.6f} {row[2]:10.6f} {row[3]:25.6f} {row[4]:18.6f}")

noisy = truth + 0.05 * jax.random.normal(jax.random.key(2), SHAPE)
holes = order < 0.5
masked = jnp.where(holes, jnp.nan, truth)
pair = [float(pix.simse(masked, x, ignore_nans=True)) for x in (noisy, jnp.where(holes, 0.3 * noisy, noisy))]
print("a noisy prediction:", round(pair[0], 4), "and one that is darker where nothing was measured:", round(pair[1], 4))
whole = max(seen[0.0]) < 1e-9
wrong = seen[0.1][0] > 1e-3 and seen[0.5][0] > 0.05 and seen[0.9][0] > seen[0.5][0]
sound = all(max(row[1:]) < 1e-9 for row in seen.values())
sys.exit(0 if whole and wrong and sound and pair[0] > 10 * pair[1] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
