#!/usr/bin/env bash
# With NumPy 2 Hypothesis no longer sees that an element does not fit a float32: below 1 it draws 1, and unique repeats.
#
# Date: 2026-12-01
#
# Versions: hypothesis 6.170.17, numpy 2.5.5 and 1.26.4, Python 3.12.
#
# Behaviour:
#   arrays(np.float32, 4, elements=st.floats(0, 1, exclude_max=True)) is a test of a function of [0, 1). A double such
#   as 1 - 2**-53 is 1 in float32. Hypothesis has a check for it: an element that the dtype cannot represent is an
#   InvalidArgument, which tells one to pass width=32 to floats. unique=True says that the elements are distinct.
#
#   The check works with NumPy 1.26 and does nothing with NumPy 2: the arrays of [0, 1) hold 1, those of (0, 1] hold 0,
#   and unique arrays hold a number twice, as elements are told apart before they are rounded. float16 and complex64 are
#   the same. So a suite that NumPy 1 refused passes with NumPy 2 and tests log(0) or a division by 1 - x with bounds
#   that its author has excluded. With width=32, or with elements={"min_value": 0, ...}, which lets Hypothesis choose
#   the width, all is right.
#
#   The source: `ArrayStrategy.set_element` in hypothesis/extra/numpy.py compares the element with what the array then
#   holds. A float of Python is a weak scalar in NumPy 2: it is rounded to float32 first, and is equal.
#
# Output seen:
#                                           numpy 1.26.4      numpy 2.5.5
#   float32   [0, 1)                        refused           draws 1
#   float32   (0, 1]                        refused           draws 0
#   float32   [0, 1], unique                refused           draws a number twice
#   float16   [0, 1)                        refused           draws 1
#   float16   [0, 1], unique                refused           draws a number twice
#   complex64 [0, 1)                        refused           draws 1
#   float32   [0, 1), width=32              right             right
#   float32   [0, 1], unique, width=32      right             right
#   float32   [0, 1), bounds in a dict      right             right
#
# Exit code: 0 if the behaviour is as stated, 1 if it has changed, 2 if the script cannot run.

set -euo pipefail

python=""
for name in python3.12 python3; do
  if "$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' 2>/dev/null; then
    python=$("$name" -c 'import sys; print(sys.executable)')
    break
  fi
done
if [ -z "$python" ]; then
  echo "This script needs Python 3.12, and it is not on the PATH." >&2
  exit 2
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for number in 1.26.4 2.5.5; do
  venv="$folder/$number"
  packages=('hypothesis==6.170.17' "numpy==$number")
  if command -v uv >/dev/null; then
    uv venv -q -p "$python" "$venv" && uv pip install -q -p "$venv/bin/python" "${packages[@]}" || exit 2
  else
    "$python" -m venv "$venv" && "$venv/bin/pip" install -q "${packages[@]}" || exit 2
  fi
done

cat >"$folder/program.py" <<'PROGRAM'
import json
import sys

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.extra.numpy import arrays

below = {"min_value": 0, "max_value": 1, "exclude_max": True}
CASES = [
    ("float32   [0, 1)", "f4", {"elements": st.floats(**below)}, 1),
    ("float32   (0, 1]", "f4", {"elements": st.floats(0, 1, exclude_min=True)}, 0),
    ("float32   [0, 1], unique", "f4", {"elements": st.floats(0, 1), "unique": True}, None),
    ("float16   [0, 1)", "f2", {"elements": st.floats(**below)}, 1),
    ("float16   [0, 1], unique", "f2", {"elements": st.floats(0, 1), "unique": True}, None),
    ("complex64 [0, 1)", "c8", {"elements": st.floats(**below)}, 1),
    ("float32   [0, 1), width=32", "f4", {"elements": st.floats(**below, width=32)}, 1),
    ("float32   [0, 1], unique, width=32", "f4", {"elements": st.floats(0, 1, width=32), "unique": True}, None),
    ("float32   [0, 1), bounds in a dict", "f4", {"elements": below}, 1),
]
rows = []
for name, dtype, arguments, forbidden in CASES:
    seen = []

    @settings(
        max_examples=500,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(arrays(dtype, 4, **arguments))
    def draw(array):
        if forbidden is None:  # noqa: B023
            seen.append(len(set(array.tolist())) < len(array))  # noqa: B023
        else:
            seen.append(bool((array == forbidden).any()))  # noqa: B023

    try:
        draw()
        word = "a number twice" if forbidden is None else forbidden
        rows.append((name, f"draws {word}" if any(seen) else "right"))
    except InvalidArgument as error:
        assert "cannot be represented" in str(error) or "resulted in" in str(error)
        rows.append((name, "refused"))
json.dump(rows, sys.stdout)
PROGRAM
for number in 1.26.4 2.5.5; do
  "$folder/$number/bin/python" "$folder/program.py" >"$folder/$number.json"
done
"$python" - "$folder"/*.json <<'PROGRAM'
import json
import sys

old, new = (dict(json.load(open(path))) for path in sorted(sys.argv[1:]))
print(f"{'':40}{'numpy 1.26.4':18}numpy 2.5.5")
for name, found in new.items():
    print(f"{name:40}{old[name]:18}{found}")
right = ("float32   [0, 1), width=32", "float32   [0, 1], unique, width=32", "float32   [0, 1), bounds in a dict")
good = all(old[name] == new[name] == "right" for name in right)
others = set(new) - set(right)
good = good and all(old[name] == "refused" and new[name].startswith("draws") for name in others)
sys.exit(0 if good and len(others) == 6 else 1)
PROGRAM
