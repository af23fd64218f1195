#!/usr/bin/env bash
# optax.contrib.reduce_on_plateau never sees a plateau if the loss is negative: a constant -100 improves for ever.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   The scale is to be reduced "when a metric has stopped improving". A log-likelihood of a density, an ELBO or a
#   reward gives a loss below 0, and one expects the same rule there: what stays the same, or gets worse, is no
#   improvement. The tolerances must not be negative, so that they can only make the rule stricter.
#
#   A loss that stays at -100 for 1,000 steps never reduces the scale, and one that climbs from -100 to -91 in steps
#   of 0.009 does not either. Each value counts as an improvement and becomes the best one, so that the best value
#   that the state remembers gets worse with each step: -91 at the end. With 200 added to them, both reduce the scale
#   at step 11. rtol=0 with an atol is right for both signs.
#
#   The source: `_update_scale` in optax/contrib/_reduce_on_plateau.py asks `avg_value < (1 - rtol) * best_value -
#   atol`. With the default rtol of 1e-4 the bound for a best value of -100 is -99.99, which lies above it.
#
# Output seen:
#                                          loss below 0               the loss plus 200
#                                first reduction  best value   first reduction  best value
#   default    constant                             None     -100.00                11      100.00
#   default    climbs from -100 to -91              None      -91.00                11      100.00
#   default    climbs from -100 to 900                11     -100.00                11      100.00
#   default    falls from -100 to -200              None     -200.00              None        0.00
#   atol alone constant                               11     -100.00                11      100.00
#   atol alone climbs from -100 to -91                11     -100.00                11      100.00
#   atol alone climbs from -100 to 900                11     -100.00                11      100.00
#   atol alone falls from -100 to -200              None     -200.00              None        0.00
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
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax

STEPS = 1_000
LOSSES = {
    "constant": np.full(STEPS, -100.0),
    "climbs from -100 to -91": np.linspace(-100, -91, STEPS),
    "climbs from -100 to 900": np.linspace(-100, 900, STEPS),
    "falls from -100 to -200": np.linspace(-100, -200, STEPS),
}
SETTINGS = {"default": {}, "atol alone": {"rtol": 0.0, "atol": 1e-2}}


def run(losses, **options):
    plateau = optax.contrib.reduce_on_plateau(factor=0.5, patience=10, **options)

    def step(state, value):
        _, state = plateau.update({}, state, value=value)
        return state, state.scale

    start = plateau.init({"weight": jnp.zeros(())})
    state, scales = jax.lax.scan(step, start, jnp.asarray(losses, jnp.float32))
    halved = np.flatnonzero(np.asarray(scales) < 1)
    return int(halved[0]) + 1 if len(halved) else None, float(state.best_value)


seen = {}
print("                                       loss below 0               the loss plus 200")
print("                             first reduction  best value   first reduction  best value")
for text, options in SETTINGS.items():
    for name, losses in LOSSES.items():
        row = run(losses, **options), run(losses + 200, **options)
        seen[text, name] = row
        cells = [f"{str(first):>15} {best:11.2f}" for first, best in row]
        print(f"{text:11}{name:25}", cells[0], " ", cells[1])

never = seen["default", "constant"][0][0] is None and seen["default", "climbs from -100 to -91"][0][0] is None
worse = seen["default", "climbs from -100 to -91"][0][1] > -92
shifted = all(seen["default", name][1][0] is not None for name in list(LOSSES)[:3])
alone = all(seen["atol alone", name][0][0] is not None for name in list(LOSSES)[:3])
falls = all(seen[text, "falls from -100 to -200"][0][0] is None for text in SETTINGS)
sys.exit(0 if never and worse and shifted and alone and falls else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
