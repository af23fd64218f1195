#!/usr/bin/env bash
# brax's running statistics in the mode "ema" give padding the weight 1, and in the mode "welford" ignore until_count.
#
# Date: 2026-11-29
#
# Versions: brax 0.14.2, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, mujoco 4.0.0, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   running_statistics.update normalizes the observations of PPO and SAC in brax. `weights` are those of the batch:
#   "passing a weight of 2. should be equivalent to updating on the corresponding data point twice", so that 0 leaves
#   out a padded step. With `until_count` "the update will be skipped if the count is more than this value". Neither
#   names a mode.
#
#   In the mode "ema" the weights change the count and nothing else. Half a batch of padding of 1,000 with the weight 0
#   moves the mean from 1.5 to 501, and a weight of 2 is one of 1. In the mode "welford", the default, until_count has
#   no effect: statistics that are to be frozen after 5 steps follow the 20th. Each mode does what the other does not.
#   "ema" is no exponential average either: it weighs each batch by its share of the count.
#
#   The source: `_compute_ema_statistics` in brax/training/acme/running_statistics.py takes jnp.mean and jnp.var of the
#   whole batch, and until_count is read in the branch for that mode alone.
#
# Output seen:
#                                                                  mean       std
#   four steps                                   welford      1.500     1.118
#   four steps, four of padding with weight 0    welford      1.500     1.118
#   a batch of padding after four steps          welford      1.500     1.118
#   the last step with weight 2                  welford      1.800     1.166
#   the last step two times                      welford      1.800     1.166
#   16 steps around 101.5 more, until_count=3    welford     81.500    40.016
#   four steps                                   ema          1.500     1.118
#   four steps, four of padding with weight 0    ema        500.750   499.251
#   a batch of padding after four steps          ema          1.500     1.118
#   the last step with weight 2                  ema          1.500     1.118
#   the last step two times                      ema          1.800     1.166
#   16 steps around 101.5 more, until_count=3    ema          1.500     1.118
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
cat >"$folder/program.py" <<'PROGRAM'
import contextlib
import io
import sys

import jax.numpy as jnp
import numpy as np

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    from brax.training.acme import running_statistics as statistics

data = jnp.array([0.0, 1.0, 2.0, 3.0])[:, None]
padded = jnp.concatenate([data, jnp.full((4, 1), 1_000.0)])
mask = jnp.array([1.0] * 4 + [0.0] * 4)
twice = jnp.array([1.0, 1.0, 1.0, 2.0])
seen = {}


def show(name, mode, state):
    seen[name, mode] = float(state.mean[0]), float(state.std[0])
    print(f"{name:44} {mode:8} {seen[name, mode][0]:9.3f} {seen[name, mode][1]:9.3f}")


print("                                                               mean       std")
for mode in ("welford", "ema"):
    empty = statistics.init_state(jnp.zeros(1), mode=mode)
    once = statistics.update(empty, data)
    show("four steps", mode, once)
    show("four steps, four of padding with weight 0", mode, statistics.update(empty, padded, weights=mask))
    show("a batch of padding after four steps", mode, statistics.update(once, padded[4:], weights=mask[4:]))
    show("the last step with weight 2", mode, statistics.update(empty, data, weights=twice))
    show("the last step two times", mode, statistics.update(empty, jnp.concatenate([data, data[3:]])))
    frozen = once
    for _ in range(4):
        frozen = statistics.update(frozen, data + 100, until_count=3)
    show("16 steps around 101.5 more, until_count=3", mode, frozen)

right = seen["four steps", "welford"]
same = np.allclose(right, seen["four steps", "ema"], atol=1e-5)
names = ("four steps, four of padding with weight 0", "a batch of padding after four steps")
welford = all(np.allclose(seen[name, "welford"], right, atol=1e-5) for name in names)
ema = seen[names[0], "ema"][0] > 500 and seen["the last step with weight 2", "ema"][0] == 1.5
frozen = [seen["16 steps around 101.5 more, until_count=3", mode][0] for mode in ("welford", "ema")]
sys.exit(0 if same and welford and ema and frozen[0] > 80 and frozen[1] == 1.5 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
