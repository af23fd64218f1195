#!/usr/bin/env bash
# The strategies of Hypothesis for the array API draw four dtypes that jax.numpy does not have, and fail on them.
#
# Date: 2026-11-28
#
# Versions: hypothesis 6.170.17, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   hypothesis.extra.array_api makes strategies for each module that follows the array API, and jax.numpy is one. One
#   expects arrays of each dtype that scalar_dtypes draws, or no such dtype.
#
#   jax without jax_enable_x64 has no 64-bit dtype, and jnp.__array_namespace_info__().dtypes() says so. Hypothesis
#   asks whether the module has an attribute of that name, and jnp.float64 is one. scalar_dtypes, floating_dtypes and
#   integer_dtypes draw it, and arrays of it fail at the first element that needs more than 32 bits, with an
#   InvalidArgument that blames the elements; until then they are float32 and int32, with a warning of jax. A test
#   over all dtypes passes for a while and fails on an example that has nothing to do with its subject. The dtypes
#   that __array_namespace_info__ names are right. With jax_enable_x64 set before, all dtypes are.
#
# Output seen:
#   jax says that it has: bool, complex64, float32, int16, int32, int8, uint16, uint32, uint8
#   scalar_dtypes draws beside them: complex128, float64, int64, uint64
#     arrays of bool       bool
#     arrays of complex128 InvalidArgument: Generated array element 16777217j from strategy complex_numbers(allow_
#     arrays of complex64  complex64
#     arrays of float32    float32
#     arrays of float64    InvalidArgument: Generated array element 16777217.0 from strategy floats(allow_subnorma
#     arrays of int16      int16
#     arrays of int32      int32
#     arrays of int64      InvalidArgument: Could not create array via xp.asarray([2147483648, 2147483648, 2147483
#     arrays of int8       int8
#     arrays of uint16     uint16
#     arrays of uint32     uint32
#     arrays of uint64     InvalidArgument: Could not create array via xp.asarray([4294967296, 4294967296, 4294967
#     arrays of uint8      uint8
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
packages=('hypothesis==6.170.17' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

import jax.numpy as jnp
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import InvalidArgument
from hypothesis.extra.array_api import make_strategies_namespace

xps = make_strategies_namespace(jnp, api_version="2023.12")
quick = settings(max_examples=200, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
warnings.simplefilter("ignore")


def drawn():
    """The dtypes that scalar_dtypes draws, by name."""
    seen = set()

    @quick
    @given(xps.scalar_dtypes())
    def draw(dtype):
        seen.add(jnp.dtype(dtype).name)

    draw()
    return sorted(seen)


def arrays(name):
    """What comes of arrays of three elements of this dtype: their dtype, or the error."""
    seen = set()

    @quick
    @given(xps.arrays(getattr(jnp, name if name != "bool" else "bool_"), 3))
    def draw(array):
        seen.add(array.dtype.name)

    try:
        draw()
    except InvalidArgument as error:
        return f"InvalidArgument: {str(error)[:70]}"
    return ", ".join(sorted(seen))


names, told = drawn(), sorted(jnp.__array_namespace_info__().dtypes())
print("jax says that it has:", ", ".join(told))
print("scalar_dtypes draws beside them:", ", ".join(sorted(set(names) - set(told))))
seen = {name: arrays(name) for name in names}
for name in names:
    print(f"  arrays of {name:10}", seen[name])
wide = {"complex128", "float64", "int64", "uint64"}
failed = {name for name in names if seen[name].startswith("InvalidArgument")}
right = all(seen[name] == name for name in set(names) - wide)
sys.exit(0 if failed == wide and right and not wide & set(told) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
