#!/usr/bin/env bash
# jax_datetime turns a missing time of numpy (NaT) into the first second of 1970, and a missing duration into 0.
#
# Date: 2026-11-30
#
# Versions: jax-datetime 0.1.2, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   numpy and pandas mark a time that is not known as NaT. Any sum, mean or difference with it is NaT, and it is equal
#   to nothing. jax_datetime takes arrays of datetime64 and timedelta64 of numpy. Its integers have no place for NaT, so
#   that one expects an error, or a value that cannot be taken for a time.
#
#   NaT becomes 1970-01-01T00:00:00, and comes back as this time. A patient whose end of treatment is not known yet has
#   ended it 19,763 days before its start. A duration that is NaT becomes 0 seconds. numpy says only "invalid value
#   encountered in floor_divide", once, and not which value or what it became.
#
#   The source: `Timedelta.from_timedelta64` of jax_datetime/_src/core.py divides by one second with //, and numpy gives
#   for NaT the integer 0.
#
# Output seen:
#   ends, numpy:        [                'NaT' '2024-03-08T00:00:00']
#   ends, jax_datetime: ['1970-01-01T00:00:00' '2024-03-08T00:00:00']
#   end - start, numpy:         ['NaT'     7]
#   end - start, jax_datetime:  [-19763      7]
#   missing duration: [0]
#   warnings: ['invalid value encountered in floor_divide']
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
import warnings

import jax_datetime as jdt
import numpy as np

starts = np.array(["2024-02-10", "2024-03-01"], "datetime64[s]")
ends = np.array(["NaT", "2024-03-08"], "datetime64[s]")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    back = jdt.to_datetime(ends).to_datetime64()
    length = (jdt.to_datetime(ends) - jdt.to_datetime(starts)).to_timedelta64()
    nothing = jdt.to_timedelta(np.array(["NaT"], "timedelta64[s]")).to_timedelta64()
print("ends, numpy:       ", ends)
print("ends, jax_datetime:", back)
print("end - start, numpy:        ", (ends - starts).astype("timedelta64[D]"))
print("end - start, jax_datetime: ", length.astype("timedelta64[D]"))
print("missing duration:", nothing)
print("warnings:", sorted({str(each.message) for each in caught}))
known = back[1] == ends[1] and length[1] == ends[1] - starts[1]
epoch = back[0] == np.datetime64("1970-01-01", "s") and nothing[0] == np.timedelta64(0, "s")
sys.exit(0 if known and epoch and length[0] < np.timedelta64(0, "s") else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
