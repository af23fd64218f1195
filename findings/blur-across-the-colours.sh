#!/usr/bin/env bash
# keras.ops.image.gaussian_blur on jax blurs the width and the colours, not the height, if no data_format is given.
#
# Date: 2026-11-30
#
# Versions: keras 3.15.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   Without data_format an operation of Keras takes the format of the configuration, which is channels_last. Keras says
#   so in the documentation of gaussian_blur, too. One expects the same picture with data_format=None and with
#   data_format="channels_last". So it is with the backend of numpy.
#
#   On jax one red point in the middle of a black picture of 5 x 5 becomes a line of red and green points, and no point
#   above or below it gets any light. A grey picture of ones is 0.45 everywhere inside, where 1 is right. With
#   data_format="channels_last" all is right. No error or warning tells.
#
#   The source: `gaussian_blur` of keras/src/ops/image.py passes None on. `gaussian_blur` of
#   keras/src/backend/jax/image.py asks `data_format == "channels_last"`, and takes all else for channels first. The
#   backend of numpy asks for "channels_first". Other functions of that file, such as `resize`, first replace None by
#   `backend.standardize_data_format`. The source of Keras after 3.15.1 does so too.
#
# Output seen:
#   backend numpy
#     data_format     red above  red beside  green   grey inside
#     None                0.124     0.124     0.000     1.000
#     channels_last       0.124     0.124     0.000     1.000
#   backend jax
#     data_format     red above  red beside  green   grey inside
#     None                0.000     0.124     0.124     0.452
#     channels_last       0.124     0.124     0.000     1.000
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
packages=('keras==3.15.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import os
import subprocess
import sys

if len(sys.argv) == 1:
    results = []
    for backend in ("numpy", "jax"):
        print(f"backend {backend}", flush=True)
        results.append(subprocess.run([sys.executable, __file__, backend]).returncode)
    sys.exit(0 if results == [10, 11] else 1)

os.environ["KERAS_BACKEND"] = sys.argv[1]
import keras
import numpy as np

red = np.zeros((1, 5, 5, 3), np.float32)
red[0, 2, 2, 0] = 1
grey = np.ones((1, 5, 5, 1), np.float32)
same = True
print("  data_format     red above  red beside  green   grey inside")
for data_format in (None, "channels_last"):
    point = np.asarray(keras.ops.image.gaussian_blur(red, data_format=data_format))[0]
    inside = np.asarray(keras.ops.image.gaussian_blur(grey, data_format=data_format))[0, 2, 2, 0]
    values = [point[1, 2, 0], point[2, 1, 0], point[2, 2, 1], inside]
    print(f"  {data_format!s:15}" + "".join(f"{value:10.3f}" for value in values))
    same = same and np.allclose(values, [0.124, 0.124, 0, 1], atol=1e-3)
wrong = not same and np.allclose(values, [0.124, 0.124, 0, 1], atol=1e-3)
sys.exit(10 if same else 11 if wrong else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
