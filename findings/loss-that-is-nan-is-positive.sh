#!/usr/bin/env bash
# chex.assert_scalar_positive and assert_scalar_non_negative let NaN pass, where assert_scalar_in refuses it.
#
# Date: 2026-11-29
#
# Versions: chex 0.1.92, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   assert_scalar_positive "checks that a scalar is positive", and assert_scalar_non_negative the same with 0. A guard
#   for a deviation, a temperature or a learning rate is there to stop what is not. NaN is neither positive nor
#   non-negative, in IEEE 754, numpy and Python, and one expects a refusal, as assert_scalar_in gives it.
#
#   NaN passes both of them, without an error. assert_scalar_in refuses NaN, with its bounds and without them, and so
#   does assert_tree_all_finite. -inf and -1 are refused by the first four. So a guard that is written with the name of
#   what it asks for is weaker than one with the bounds 0 and inf.
#
#   The source: both functions in chex/_src/asserts.py ask for the contrary, `if x <= 0` and `if x < 0`, which is False
#   for NaN; assert_scalar_in asks `not min_ <= x <= max_`.
#
# Output seen:
#            assert_scalar_...                                   assert_tree_...   Python
#   value         positive   non_negative      in 0, inf       in, open     all_finite     x > 0  x >= 0
#   nan             passes         passes        refused        refused        refused     False   False
#   -inf           refused        refused        refused        refused        refused     False   False
#   -1.0           refused        refused        refused        refused         passes     False   False
#   0.0            refused         passes         passes        refused         passes     False    True
#   1.0             passes         passes         passes         passes         passes      True    True
#   inf             passes         passes         passes        refused        refused      True    True
#   losses [0.7, 0.3, nan, 0.2] that assert_scalar_non_negative stops: [False, False, False, False]
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
packages=('chex==0.1.92' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import math
import sys

import chex
import numpy as np

VALUES = {"nan": math.nan, "-inf": -math.inf, "-1.0": -1.0, "0.0": 0.0, "1.0": 1.0, "inf": math.inf}
ASSERTIONS = {
    "positive": chex.assert_scalar_positive,
    "non_negative": chex.assert_scalar_non_negative,
    "in 0, inf": lambda x: chex.assert_scalar_in(x, 0.0, math.inf),
    "in, open": lambda x: chex.assert_scalar_in(x, 0.0, math.inf, included=False),
    "all_finite": chex.assert_tree_all_finite,
}


def passes(assertion, value):
    try:
        assertion(value)
    except AssertionError:
        return False
    return True


seen = {}
print("         assert_scalar_...                                   assert_tree_...   Python")
print("value  ", *(f"{name:>14}" for name in ASSERTIONS), "    x > 0  x >= 0")
for name, value in VALUES.items():
    seen[name] = [passes(assertion, value) for assertion in ASSERTIONS.values()]
    cells = ["passes" if passed else "refused" for passed in seen[name]]
    print(f"{name:7}", *(f"{cell:>14}" for cell in cells), f"{value > 0!s:>9} {value >= 0!s:>7}")

losses = np.array([0.7, 0.3, np.nan, 0.2])
stopped = [not passes(chex.assert_scalar_non_negative, float(loss)) for loss in losses]
print("losses", np.round(losses, 1).tolist(), "that assert_scalar_non_negative stops:", stopped)
nan = seen["nan"] == [True, True, False, False, False]
below = not any(seen["-1.0"][:4]) and not any(seen["-inf"])
above = all(seen["1.0"]) and seen["0.0"][:2] == [False, True]
sys.exit(0 if nan and below and above and not any(stopped) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
