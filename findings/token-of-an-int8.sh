#!/usr/bin/env bash
# distreqx.Categorical draws a negative token each other time, if there are 256 tokens or more.
#
# Date: 2026-11-30
#
# Versions: distreqx 0.0.3, equinox 0.13.8, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   distreqx is distrax for equinox. Its Categorical takes any number of categories, such as the tokens of a language
#   model. One expects that a draw is the number of a category, as it is with jax.random.categorical, and that the
#   distribution knows its own draws.
#
#   A draw and the mode are int8. From 129 categories on some are negative, and from 256 on half of them are; with
#   32,000 tokens the mode 20,000 comes out as 32. A negative index takes a row from the end of an embedding, so no
#   error tells. From 129 on the log probability of each draw is -inf as well, as log_prob compares it with a number of
#   categories that wraps in int8. OneHotCategorical is right.
#
#   The source: `sample` and `mode` in distreqx/distributions/_categorical.py end with astype("int8").
#
# Output seen:
#   categories   negative draws   largest draw   log_prob -inf   mode, right   largest of jax   one-hot is right
#           10             0.00              9            0.00          6, 6                9               True
#          128             0.00            127            0.00        80, 80              127               True
#          129             0.01            127            1.00        80, 80              128               True
#          256             0.50            127            1.00      -96, 160              255               True
#         1000             0.50            127            1.00      113, 625              999               True
#        32000             0.51            127            1.00     32, 20000            31994               True
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
packages=('distreqx==0.0.3' 'equinox==0.13.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
from distreqx.distributions import Categorical, OneHotCategorical

DRAWS = 4000
KEYS = jax.random.split(jax.random.key(0), DRAWS)
seen = {}
print("categories   negative draws   largest draw   log_prob -inf   mode, right   largest of jax   one-hot is right")
for count in (10, 128, 129, 256, 1000, 32_000):
    logits = jnp.zeros(count)
    top = count * 5 // 8
    peaked = logits.at[top].set(9.0)
    draws = np.asarray(jax.vmap(Categorical(logits=logits).sample)(KEYS))
    unknown = np.asarray(jax.vmap(Categorical(logits=logits).log_prob)(jnp.array(draws))) == -np.inf
    plain = np.asarray(jax.random.categorical(jax.random.key(0), logits, shape=(DRAWS,)))
    mode = int(Categorical(logits=peaked).mode())
    hot = int(jnp.argmax(OneHotCategorical(logits=peaked).mode()))
    seen[count] = (np.mean(draws < 0), int(draws.max()), np.mean(unknown), mode, top, int(plain.max()), hot)
    row = seen[count]
    print(f"{count:10}{row[0]:17.2f}{row[1]:15}{row[2]:16.2f}{f'{mode}, {top}':>14}{row[5]:17}{hot == top!s:>19}")

small = all(row[0] == 0 and row[2] == 0 and row[3] == row[4] for count, row in seen.items() if count <= 128)
large = all(row[0] > 0.4 and row[2] == 1 and row[1] <= 127 for count, row in seen.items() if count >= 256)
hot = all(row[6] == row[4] and row[5] >= count * 0.9 for count, row in seen.items())
wraps = seen[256][3] < 0 and seen[32_000][3] != 20_000 and seen[129][2] == 1
sys.exit(0 if small and large and hot and wraps else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
