#!/usr/bin/env bash
# jax.random.choice with weights never draws half of 16 million equally likely rows.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   A loader draws rows of a large data set by weight: jax.random.choice(key, rows, shape, p=weights). Here all
#   weights are equal, so each row should be drawn as often as each other, as without p.
#
#   Up to four million rows it is so. Of 16,777,216 rows only odd ones come, and each second row never, with
#   whatever key. Of 67 million three in four draws are odd rows, and a multiple of 8 never comes. choice
#   (jax/_src/random/core.py) adds the weights up in float32 and looks up a uniform float32 number among the sums.
#   Such a number is a multiple of 2**-23, so there are 8,388,608 of them, and a row whose piece of the sum
#   has none of them inside has no chance. No warning tells of it. Without p the rows are drawn as integers, and all come alike.
#
# Output seen:
#   rows       odd rows    multiples of 8   different rows
#   2**20         0.499         0.125         95457
#   2**22         0.501         0.125         98854
#   2**24         1.000         0.000         99442
#   2**26         0.751         0.000         99442
#   no p          0.499         0.125         99927
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

print("rows       odd rows    multiples of 8   different rows")
seen = {}
for power in (20, 22, 24, 26):
    rows = 2**power
    drawn = jax.random.choice(jax.random.key(0), rows, (100_000,), p=jnp.full(rows, 1.0 / rows))
    seen[power] = float((drawn % 2 == 1).mean())
    print(f"2**{power} {seen[power]:13.3f} {float((drawn % 8 == 0).mean()):13.3f} {len(jnp.unique(drawn)):13}")
drawn = jax.random.choice(jax.random.key(0), 2**26, (100_000,))
odd = float((drawn % 2 == 1).mean())
print(f"no p  {odd:13.3f} {float((drawn % 8 == 0).mean()):13.3f} {len(jnp.unique(drawn)):13}")
sys.exit(0 if abs(seen[20] - 0.5) < 0.02 and seen[24] > 0.99 and abs(odd - 0.5) < 0.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
