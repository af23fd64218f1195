#!/usr/bin/env bash
# korvax's allpole filters only the last two samples of a sound, with two poles, and all of them in jax.vmap.
#
# Date: 2026-11-30
#
# Versions: korvax 0.3.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   korvax.filter.ltv.allpole is a filter with poles alone, whose coefficients may vary in time. Its docstring says that
#   it works on one-dimensional signals only, and that jax.vmap is for batches. So one calls it with a sound.
#
#   That sound comes out as it went in, but for as many samples at its end as there are poles, and they are wrong. An
#   impulse has no echo. In jax.vmap each sound of the batch is right, even in a batch of one. korvax.filter.ltv.lfilter
#   and scipy agree with that. Nothing warns.
#
#   The source: `allpole_impl` in src/korvax/filter/csrc/filter_cpu.cc, of the repository, reads the number of poles of
#   a single sound from the axis of the time of the coefficients, and filters that many samples less.
#
# Output seen:
#   poles   output of an impulse in allpole, and in scipy
#       1    1.000   0.000   0.000   0.000   0.000   0.000   0.000   0.500
#            1.000   0.500   0.250   0.125   0.062   0.031   0.016   0.008
#       2    1.000   0.000   0.000   0.000   0.000   0.000  -0.200   0.400
#            1.000   0.500   0.050  -0.075  -0.048  -0.009   0.005   0.004
#       3    1.000   0.000   0.000   0.000   0.000  -0.200  -0.180  -0.144
#            1.000   0.500   0.050  -0.175  -0.148  -0.044   0.025   0.036
#   16000 samples of noise     samples changed   error   error in vmap   error of lfilter
#                 1 poles                    1  38.204           0.000              0.000
#                 2 poles                    2  28.038           0.000              0.000
#                 3 poles                    3  17.727           0.000              0.000
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
packages=('korvax==0.3.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
from korvax.filter import ltv
from scipy.signal import lfilter

SIZE = 16_000
POLES = [-0.5, 0.2, 0.1]
rng = np.random.default_rng(0)
noise = rng.normal(size=SIZE).astype(np.float32)
impulse = np.zeros(8, np.float32)
impulse[0] = 1


def coefficients(order, size):
    return jnp.tile(jnp.array(POLES[:order]), (size, 1))


print("poles   output of an impulse in allpole, and in scipy")
for order in (1, 2, 3):
    ours = np.asarray(ltv.allpole(jnp.asarray(impulse), coefficients(order, len(impulse))))
    print(f"{order:5} " + "".join(f"{value:8.3f}" for value in ours))
    print(" " * 6 + "".join(f"{value:8.3f}" for value in lfilter([1], [1, *POLES[:order]], impulse)))
print(f"{SIZE} samples of noise     samples changed   error   error in vmap   error of lfilter")
seen = {}
for order in (1, 2, 3):
    a, x = coefficients(order, SIZE), jnp.asarray(noise)
    right = lfilter([1], [1, *POLES[:order]], noise.astype(np.float64))
    one = np.asarray(ltv.allpole(x, a))
    others = np.asarray(jax.vmap(ltv.allpole)(x[None], a[None]))[0], np.asarray(ltv.lfilter(x, a))
    changed = np.flatnonzero(one != noise)
    errors = [float(np.abs(value - right).max()) for value in (one, *others)]
    seen[order] = changed, errors
    print(f"{order:15} poles{len(changed):21}{errors[0]:8.3f}{errors[1]:16.3f}{errors[2]:19.3f}")
alone = all((changed >= SIZE - order).all() for order, (changed, _) in seen.items())
wrong = all(errors[0] > 1 and max(errors[1:]) < 1e-4 for _, errors in seen.values())
sys.exit(0 if alone and wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
