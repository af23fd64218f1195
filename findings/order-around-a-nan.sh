#!/usr/bin/env bash
# numpy sorts a bfloat16 array in pieces around a NaN: the median of 9 numbers is the smallest; nansum keeps the NaN.
#
# Date: 2026-12-01
#
# Versions: ml_dtypes 0.6.0, numpy 2.5.5, jax 0.12.0.1, jaxlib 0.12.0.1, Python 3.12, CPU.
#
# Behaviour:
#   np.asarray of a bfloat16 or float8 array of jax is an array of numpy with a dtype of ml_dtypes. numpy puts NaN last
#   when it sorts, so that np.median and np.quantile find it and return NaN, and it has a family of functions that leave
#   NaN out.
#
#   One NaN in bfloat16 splits the array: the parts before and after it are sorted, each by itself, and nothing crosses
#   the NaN. All that is built on a sort is wrong without a word: the median of nine numbers is -4, their minimum, where
#   NaN is due, a quantile is a number too, np.unique has a value twice, and np.partition does not have the smallest in
#   front. And np.nansum and np.nanmean are NaN, and np.nan_to_num leaves the NaN where it is, as if there were none.
#   np.isnan, np.max and np.nanmax are right. It is so for each float8 too, and for kind="stable". A look at the
#   quantiles of activations with one NaN in them gives plausible numbers. float16 and jnp.sort, jnp.median and
#   jnp.nansum of the same array are right; so is .astype(np.float32) first.
#
#   The source: `NPyCustomFloat_CompareFunc` in ml_dtypes/_src/custom_float.h says that two numbers are equal if neither
#   is less, so each number equals NaN. np.nansum and np.nan_to_num ask whether the type is a subclass of np.inexact,
#   and a type of ml_dtypes is not.
#
# Output seen:
#                   bfloat16                                  float32
#   sort            -1, 2, 3, nan, -4, -2, 0.5, 1, 2          -4, -2, -1, 0.5, 1, 2, 2, 3, nan
#   sort, stable    -1, 2, 3, nan, -4, -2, 0.5, 1, 2          -4, -2, -1, 0.5, 1, 2, 2, 3, nan
#   median          -4                                        nan
#   quantile 0.75   0.5                                       nan
#   unique          -1, 2, 3, nan, -4, -2, 0.5, 1, 2          -4, -2, -1, 0.5, 1, 2, 3, nan
#   two smallest    -1, 2                                     -4, -2
#   nansum          nan                                       1.5
#   nanmean         nan                                       0.188
#   nan_to_num      3, -1, 2, nan, 1, -4, -2, 2, 0.5          3, -1, 2, 0, 1, -4, -2, 2, 0.5
#   max             nan                                       nan
#   nanmax          3                                         3
#   jnp.sort        -4, -2, -1, 0.5, 1, 2, 2, 3, nan          -4, -2, -1, 0.5, 1, 2, 2, 3, nan
#   jnp.median      nan                                       nan
#   jnp.nansum      1.5                                       1.5
#   median           float8_e4m3fn -4, float8_e5m2 -4, float16 nan
#   a subclass of np.inexact: False
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
packages=('ml-dtypes==0.6.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax.numpy as jnp
import ml_dtypes
import numpy as np

VALUES = [3.0, -1.0, 2.0, np.nan, 1.0, -4.0, -2.0, 2.0, 0.5]
LOOKS = {
    "sort": np.sort,
    "sort, stable": lambda a: np.sort(a, kind="stable"),
    "median": np.median,
    "quantile 0.75": lambda a: np.quantile(a, 0.75),
    "unique": np.unique,
    "two smallest": lambda a: np.sort(np.partition(a, 1)[:2]),
    "nansum": np.nansum,
    "nanmean": np.nanmean,
    "nan_to_num": np.nan_to_num,
    "max": np.max,
    "nanmax": np.nanmax,
    "jnp.sort": lambda a: np.asarray(jnp.sort(jnp.asarray(a))),
    "jnp.median": lambda a: np.asarray(jnp.median(jnp.asarray(a))),
    "jnp.nansum": lambda a: np.asarray(jnp.nansum(jnp.asarray(a))),
}
WRONG = {"sort", "sort, stable", "median", "quantile 0.75", "unique", "two smallest", "nansum", "nanmean", "nan_to_num"}


def look(name, dtype):
    array = np.asarray(jnp.asarray(VALUES, dtype))
    return np.asarray(LOOKS[name](array)).astype(np.float32)


def text(found):
    return ", ".join(f"{number:.3g}" for number in np.ravel(found))


good = True
print(f"{'':16}{'bfloat16':42}float32")
for name in LOOKS:
    narrow, wide = look(name, jnp.bfloat16), look(name, jnp.float32)
    print(f"{name:16}{text(narrow):42}{text(wide)}")
    same = narrow.shape == wide.shape and np.allclose(narrow, wide, rtol=0.02, equal_nan=True)
    good = good and same == (name not in WRONG)
others = ("float8_e4m3fn", "float8_e5m2", "float16")
medians = {dtype: float(look("median", getattr(jnp, dtype))) for dtype in others}
print("median          ", ", ".join(f"{dtype} {number:.3g}" for dtype, number in medians.items()))
good = good and not np.isnan([medians[dtype] for dtype in others[:2]]).any() and np.isnan(medians["float16"])
print("a subclass of np.inexact:", np.issubdtype(ml_dtypes.bfloat16, np.inexact))
sys.exit(0 if good else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
