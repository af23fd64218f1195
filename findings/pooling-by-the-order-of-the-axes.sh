#!/usr/bin/env bash
# haliax pools an image to 2 x 4 with the batch first and to 3 x 4 with the batch last, if use_ceil is set.
#
# Date: 2026-11-30
#
# Versions: haliax 1.3, equinox 0.11.10, jax 0.4.35, jaxlib 0.4.35, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The axes of a haliax array have names, so that an operation does not depend on their order. max_pool with
#   use_ceil=True keeps the rest of an image that does not fill a window: a size of 5 with windows of 2 and stride 2
#   becomes 3. equinox has the same option. One expects the same of an array and of its transpose, and the windows of a
#   pooling without use_ceil, and some more at the end.
#
#   With the batch as the first axis a 5 x 7 image becomes 2 x 4: its last row is dropped. With the batch last it is 3 x
#   4, as in equinox. With padding="VALID" and use_ceil the order has no effect, but the windows are moved: windows of 3
#   over 7 numbers begin at -1, 2 and 5, where 0, 3 and 6 are right, and there is one window too many if the stride is
#   less than the window. Without use_ceil all is right. No error or warning tells.
#
#   The source: `pool` in haliax/nn/pool.py pairs the windows with the first axes of the input, zip(Window,
#   inputs.axes), whatever their names are. For VALID it takes SAME in place of a padding at the end.
#
# Output seen:
#   window  stride  padding  use_ceil  batch first     batch last      equinox  first row, batch last
#        2       2  0        False     2 x 3, right    2 x 3, right    2 x 3    [8.0, 10.0, 12.0]
#        2       2  0        True      2 x 4, wrong    3 x 4, right    3 x 4    [8.0, 10.0, 12.0, 13.0]
#        2       2  VALID    False     2 x 3, right    2 x 3, right    2 x 3    [8.0, 10.0, 12.0]
#        2       2  VALID    True      3 x 4, right    3 x 4, right    3 x 4    [8.0, 10.0, 12.0, 13.0]
#        3       3  0        False     1 x 2, right    1 x 2, right    1 x 2    [16.0, 19.0]
#        3       3  0        True      2 x 3, right    2 x 3, right    2 x 3    [16.0, 19.0, 20.0]
#        3       3  VALID    False     1 x 2, right    1 x 2, right    1 x 2    [16.0, 19.0]
#        3       3  VALID    True      2 x 3, wrong    2 x 3, wrong    2 x 3    [15.0, 18.0, 20.0]
#        3       2  0        False     2 x 3, right    2 x 3, right    2 x 3    [16.0, 18.0, 20.0]
#        3       2  0        True      3 x 3, wrong    2 x 3, right    2 x 3    [16.0, 18.0, 20.0]
#        3       2  VALID    False     2 x 3, right    2 x 3, right    2 x 3    [16.0, 18.0, 20.0]
#        3       2  VALID    True      3 x 4, wrong    3 x 4, wrong    2 x 3    [8.0, 10.0, 12.0, 13.0]
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
packages=('haliax==1.3' 'equinox==0.11.10' 'jax==0.4.35' 'jaxlib==0.4.35' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import equinox as eqx
import haliax
import haliax.nn as hnn
import jax
import jax.numpy as jnp
import numpy as np

BATCH, ROW, COLUMN = haliax.Axis("batch", 2), haliax.Axis("row", 5), haliax.Axis("column", 7)
images = np.arange(70, dtype=np.float32).reshape(2, 5, 7)


def pooled(order, window, stride, padding, use_ceil):
    given = haliax.named(jnp.array(images), (BATCH, ROW, COLUMN)).rearrange(order)
    windows = (ROW.resize(window), COLUMN.resize(window))
    found = hnn.max_pool(windows, given, stride=stride, padding=padding, use_ceil=use_ceil)
    return np.asarray(found.rearrange(("batch", "row", "column")).array)


def oracle(window, stride, use_ceil):
    layer = eqx.nn.MaxPool2d(window, stride, use_ceil=use_ceil)
    return np.asarray(jax.vmap(lambda image: layer(image[None])[0])(jnp.array(images)))


def verdict(found, right):
    text = " x ".join(map(str, found.shape[1:]))
    return text + (", right" if found.shape == right.shape and np.array_equal(found, right) else ", wrong")


seen = {}
print("window  stride  padding  use_ceil  batch first     batch last      equinox  first row, batch last")
for window, stride in ((2, 2), (3, 3), (3, 2)):
    for padding in (0, "VALID"):
        for use_ceil in (False, True):
            right = oracle(window, stride, use_ceil)
            first = pooled((BATCH, ROW, COLUMN), window, stride, padding, use_ceil)
            last = pooled((ROW, COLUMN, BATCH), window, stride, padding, use_ceil)
            row = (verdict(first, right), verdict(last, right))
            seen[window, stride, padding, use_ceil] = row
            size = " x ".join(map(str, right.shape[1:]))
            options = f"{window:6}{stride:8}  {padding!s:9}{use_ceil!s:10}"
            print(f"{options}{row[0]:16}{row[1]:16}{size:9}{last[0, 0].tolist()}")
plain = all("wrong" not in "".join(row) for (*_, use_ceil), row in seen.items() if not use_ceil)
order = seen[2, 2, 0, True] == ("2 x 4, wrong", "3 x 4, right") and "right" in seen[3, 2, 0, True][1]
moved = all("wrong" in text for window in ((3, 3), (3, 2)) for text in seen[(*window, "VALID", True)])
sys.exit(0 if plain and order and moved else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
