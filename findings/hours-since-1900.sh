#!/usr/bin/env bash
# jax_datetime puts 1,100,000 hours after 1900 into 1889, where numpy has 2025, if the hours are an array of jax.
#
# Date: 2026-11-30
#
# Versions: jax-datetime 0.1.2, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   Many files of weather and ocean data give a time as hours since 1900-01-01. jax_datetime keeps a duration as days
#   and seconds. Its documentation says that it represents more than 5 million years exactly with the 32-bit integers of
#   jax. One expects that an array of hours becomes the right time, as it does with a number of Python.
#
#   An array of jax with the hour 1,100,000 becomes May 1889, not June 2025. An array of int32 of numpy does the same. A
#   duration that is divided by an integer is negative, where the same number as a float gives what is right: 30,000
#   days by 100,000. Twelve hours times 100,000 are 290 days, not 50,000. No error or warning tells.
#
#   The source: jax_datetime/_src/core.py goes over seconds on its way, which are more than 2**31 after 68 years.
#   `_to_timedelta_from_units` multiplies the hours by 3600 before it splits days off. `Timedelta.__truediv__` and
#   `__floordiv__` multiply the rest of the days, which is up to the divisor, by 86,400. `__mul__` multiplies the
#   seconds of the day.
#
# Output seen:
#   hours since 1900, numpy: 2025-06-27T08:00:00
#     number of Python 2025-06-27T08:00:00
#     numpy, int64     2025-06-27T08:00:00
#     jax              1889-05-21T01:31:44
#                               days found    right
#   30,000 days / 100,000             -0.2      0.3
#   30,000 days // 100,000            -0.2      0.3
#   30,000 days / 100,000.0            0.3      0.3
#   12 hours * 100,000               289.7    50000
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
packages=('jax-datetime==0.1.2' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import jax_datetime as jdt
import numpy as np

HOURS = 1_100_000
start = jdt.to_datetime("1900-01-01")
right = np.datetime64("1900-01-01", "s") + np.timedelta64(HOURS, "h")
print("hours since 1900, numpy:", right)
seen = []
kinds = {"number of Python": HOURS, "numpy, int64": np.array(HOURS), "jax": jnp.array(HOURS)}
for name, hours in kinds.items():
    found = (start + jdt.to_timedelta(hours, "h")).to_datetime64()
    seen.append(found == right)
    print(f"  {name:17}{found}")

DAY = np.timedelta64(1, "D")
rows = {
    "30,000 days / 100,000": (jdt.Timedelta(days=30_000) / 100_000, 0.3),
    "30,000 days // 100,000": (jdt.Timedelta(days=30_000) // 100_000, 0.3),
    "30,000 days / 100,000.0": (jdt.Timedelta(days=30_000) / 100_000.0, 0.3),
    "12 hours * 100,000": (jdt.Timedelta(seconds=43_200) * 100_000, 50_000),
}
print(f"{'':26}{'days found':>12}{'right':>9}")
for name, (found, expected) in rows.items():
    days = float(found.to_timedelta64() / DAY)
    seen.append(abs(days - expected) < 1e-4)
    print(f"{name:26}{days:12.1f}{expected:9}")
sys.exit(0 if seen == [True, True, False, False, False, True, False] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
