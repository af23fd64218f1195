#!/usr/bin/env bash
# orbax restores a best loss of 0.73 as 0 if the target holds the number 0, and a target of numpy takes any shape.
#
# Date: 2026-11-29
#
# Versions: orbax-checkpoint 0.12.8, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A restart makes the state as it is at the start and hands it to restore as the target, so that a checkpoint of
#   another model is refused: orbax compares the trees and, for arrays of jax, the shapes. The docstring says that a
#   value is restored as the type of the target, with its properties. A field such as the best loss, or a learning
#   rate that a schedule lowers, is written as 0 in the code that makes it.
#
#   The 0 of Python is an int, and what was saved is cut to that type, as int() does: 0.73 is restored as 0, 0.9 as 0
#   and a loss of 2.5 as 2, also where the checkpoint holds an array of jax. The next evaluation then never beats the
#   best, or the learning rate is 0. With False in the target each number is True. A target of numpy is not asked for
#   its shape: a (2, 3) array is restored for one of (3, 2), or for one of 4 numbers, and is cast to its dtype.
#   Nothing warns. The same target as jax.Array is refused.
#
#   The source: `ScalarHandler.deserialize` in orbax/checkpoint/_src/serialization/type_handlers.py calls the type of
#   the target on the number that it has read. `construct_restore_args` in checkpoint_utils.py takes a shape from
#   arrays of jax alone; of an array of numpy it takes the dtype.
#
# Output seen:
#   saved               target                          restored
#   0.73                0.0                             0.73
#   0.73                0                               0
#   jnp.float32(2.5)    0                               2
#   0.73                False                           True
#   (2, 3) of jax       ArrayImpl (3, 2) float32        ValueError Requested shape: (3, 2) is not compatible with
#   (2, 3) of numpy     ndarray (3, 2) float64          array([[0., 0.25, 0.5 ], [0.75, 1., 1.25]])
#   (2, 3) of jax       ndarray (4,) float64            array([[0., 0.25, 0.5 ], [0.75, 1., 1.25]])
#   (2, 3) of jax       ndarray (4,) int32              array([[0, 0, 0], [0, 1, 1]], dtype=int32)
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
packages=('orbax-checkpoint==0.12.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import logging
import os
import sys
import tempfile

import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp

logging.disable(logging.CRITICAL)
CASES = [
    ("0.73", 0.73, 0.0, 0.73),
    ("0.73", 0.73, 0, 0),
    ("jnp.float32(2.5)", jnp.float32(2.5), 0, 2),
    ("0.73", 0.73, False, True),
    ("(2, 3) of jax", jnp.arange(6.0).reshape(2, 3) / 4, jnp.zeros((3, 2)), ValueError),
    ("(2, 3) of numpy", np.arange(6.0).reshape(2, 3) / 4, np.zeros((3, 2)), (2, 3)),
    ("(2, 3) of jax", jnp.arange(6.0).reshape(2, 3) / 4, np.zeros(4), (2, 3)),
    ("(2, 3) of jax", jnp.arange(6.0).reshape(2, 3) / 4, np.zeros(4, np.int32), (2, 3)),
]
folder = tempfile.mkdtemp()
checkpointer = ocp.StandardCheckpointer()
good = True
print("saved               target                          restored")
for index, (name, saved, target, expected) in enumerate(CASES):
    path = os.path.join(folder, str(index))
    checkpointer.save(path, {"field": saved})
    checkpointer.wait_until_finished()
    try:
        found = checkpointer.restore(path, {"field": target})["field"]
        text = repr(found).replace("\n", "").replace("  ", "")
        same = found.shape == expected if isinstance(expected, tuple) else type(found) is type(expected)
        good = good and same and (isinstance(expected, tuple) or found == expected)
    except ValueError as error:
        text = f"ValueError {str(error)[:46]}"
        good = good and expected is ValueError
    kind = type(target).__name__
    what = f"{kind} {target.shape} {target.dtype}" if kind.endswith(("Array", "ArrayImpl", "ndarray")) else repr(target)
    print(f"{name:20}{what:32}{text}")
sys.exit(0 if good else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
