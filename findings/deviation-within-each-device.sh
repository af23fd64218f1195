#!/usr/bin/env bash
# brax's running statistics in the mode "ema" lose what differs between devices: the deviation is 1 where 5.7 is right.
#
# Date: 2026-11-29
#
# Versions: brax 0.14.2, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, mujoco 4.0.0, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   With pmap_axis_name the statistics are those of the batch over all devices. One expects that they do not depend on
#   how the batch is dealt out, and in the mode "welford" they do not.
#
#   In the mode "ema" the deviation is that within a device. If each device simulates another task, or a part of the
#   environments that is sorted, then four devices with the means 0, 5, 10 and 15 and a deviation of 1 give a deviation
#   of 1, where that of all the data is 5.7: the normalized observations go up to 11. One sample a device gives the
#   smallest deviation that is allowed, 1e-6. A shuffled batch hides it, and so does one device.
#
#   The source: `_compute_ema_statistics` in brax/training/acme/running_statistics.py takes jax.lax.pmean of the
#   variances and does not add the variance of the means.
#
# Output seen:
#                                      4 devices                one device              numpy
#                                  mean        std       mean        std        std  largest normalized
#   welford  sorted by task           7.472   5.678988      7.472   5.678989     5.6790                2.00
#   welford  shuffled                 7.472   5.678988      7.472   5.678989     5.6790                2.00
#   welford  one sample a device      7.500   5.590170      7.500   5.590170     5.5902                1.34
#   ema      sorted by task           7.472   0.999025      7.472   5.678988     5.6790               11.38
#   ema      shuffled                 7.472   5.676996      7.472   5.678988     5.6790                2.00
#   ema      one sample a device      7.500   0.000001      7.500   5.590170     5.5902          7500000.00
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
packages=('brax==0.14.2' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'mujoco==4.0.0' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
export XLA_FLAGS=--xla_force_host_platform_device_count=4
cat >"$folder/program.py" <<'PROGRAM'
import contextlib
import io
import sys

import jax
import jax.numpy as jnp
import numpy as np

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    from brax.training.acme import running_statistics as statistics

DEVICES = jax.device_count()
rng = np.random.default_rng(0)
ordered = (rng.normal(size=(DEVICES, 500)) + 5 * np.arange(DEVICES)[:, None]).astype(np.float32)
BATCHES = {
    "sorted by task": ordered,
    "shuffled": rng.permutation(ordered.ravel()).reshape(ordered.shape),
    "one sample a device": np.array([[0.0], [5.0], [10.0], [15.0]], np.float32),
}


def over_devices(mode, batch):
    empty = statistics.init_state(jnp.zeros(()), mode=mode)
    update = jax.pmap(lambda x: statistics.update(empty, x, pmap_axis_name="i"), axis_name="i")
    state = update(batch)
    return float(state.mean[0]), float(state.std[0])


def on_one(mode, batch):
    state = statistics.update(statistics.init_state(jnp.zeros(()), mode=mode), jnp.asarray(batch.ravel()))
    return float(state.mean), float(state.std)


seen = {}
print(f"                                   {DEVICES} devices                one device              numpy")
print("                               mean        std       mean        std        std  largest normalized")
for mode in ("welford", "ema"):
    for name, batch in BATCHES.items():
        many, one = over_devices(mode, batch), on_one(mode, batch)
        largest = np.abs((batch - many[0]) / many[1]).max()
        seen[mode, name] = many, one, batch.std()
        cells = f"{many[0]:9.3f} {many[1]:10.6f}  {one[0]:9.3f} {one[1]:10.6f} {batch.std():10.4f} {largest:19.2f}"
        print(f"{mode:8} {name:20} {cells}")
right = all(abs(row[1][1] / row[2] - 1) < 1e-3 for row in seen.values())
welford = all(abs(seen["welford", name][0][1] / seen["welford", name][2] - 1) < 1e-3 for name in BATCHES)
lost = abs(seen["ema", "sorted by task"][0][1] - 1) < 0.1 and seen["ema", "one sample a device"][0][1] < 1e-5
shuffled = abs(seen["ema", "shuffled"][0][1] / seen["ema", "shuffled"][2] - 1) < 0.02
sys.exit(0 if DEVICES == 4 and right and welford and lost and shuffled else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
