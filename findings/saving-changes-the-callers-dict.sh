#!/usr/bin/env bash
# safetensors.flax.save_file makes read-only numpy arrays of the parameters of its caller.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, safetensors 0.8.0, Python 3.12, CPU.
#
# Behaviour:
#   A training loop holds its parameters in a dict of jax arrays and saves them now and then by
#   safetensors.flax.save_file(params, path). One expects that a dict that is saved is the same afterwards.
#
#   It holds numpy arrays. _jnp2np (safetensors/flax.py) writes np.asarray of each array into the dict that
#   it was given, and save does the same. The loop goes on differently after its first checkpoint: params[k]
#   -= step raises "output array is read-only", and params[k].at has gone. So a script fails at the step
#   after a checkpoint, and not where it saves. save_file(dict(params), path) is the way out.
#
# Output seen:
#   step 0: ArrayImpl, trains
#   step 1: ndarray, ValueError: output array is read-only
#   after the last save: ndarray with .at: False
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'safetensors==0.8.0')
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
import safetensors.flax

params = {"kernel": jnp.ones((2, 2)), "bias": jnp.zeros(2)}
seen = []
for step in range(2):
    try:
        for name in params:
            params[name] -= 0.1 * params[name]
        params["bias"] = params["bias"].at[0].set(1.0)
        text = "trains"
    except (ValueError, AttributeError) as error:
        text = f"{type(error).__name__}: {error}"
    seen.append((isinstance(params["kernel"], jax.Array), text))
    print(f"step {step}: {type(params['kernel']).__name__}, {text}")
    safetensors.flax.save_file(params, "model.safetensors")
print("after the last save:", type(params["kernel"]).__name__, "with .at:", hasattr(params["kernel"], "at"))
ok = seen[0] == (True, "trains") and not seen[1][0] and "read-only" in seen[1][1]
sys.exit(0 if ok else 1)
PROGRAM
# It writes files where it runs.
cd "$folder"
venv/bin/python program.py
