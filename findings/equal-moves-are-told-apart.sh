#!/usr/bin/env bash
# mctx.gumbel_muzero_policy rules out two of four moves of the same value, by a rounding error, if the value is 0.1.
#
# Date: 2026-11-29
#
# Versions: chex 0.1.92, jax 0.12.0.1, jaxlib 0.12.0.1, mctx 0.0.71, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   gumbel_muzero_policy improves a policy by a search, and a network is trained on its action_weights. Where all states
#   have the same value, no reward is paid and all moves are likely alike, there is nothing to improve, so that each of
#   four moves is to have the weight 0.25.
#
#   So it is if the value is 0, 0.25 or 1. If it is 0.1, 0.7 or 3.3, two moves get 0.5 each in each search of a batch,
#   and the other two 0.003 or 0.0005. Which two it is depends on the key. In a game with few rewards, where values are
#   nearly equal for long, the policy learns the order of rounding errors. rescale_values=False is safe.
#
#   The source: `_rescale_qvalues` in mctx/_src/qtransforms.py divides by the larger of max - min and an epsilon of
#   1e-8. The values of the moves are running means in float32, which differ by 1e-8 to 1e-7 times the value after some
#   visits. The difference becomes 1, and qtransform_completed_by_mix_value multiplies it by 0.1 * (50 + visits), and
#   adds it to the logits.
#
# Output seen:
#   weights of four equal moves, the smallest to the largest, on the average of 64 searches
#   value   gumbel_muzero_policy         without rescaling
#     0.0   0.2500 0.2500 0.2500 0.2500   0.2500 0.2500 0.2500 0.2500
#    0.25   0.2500 0.2500 0.2500 0.2500   0.2500 0.2500 0.2500 0.2500
#     1.0   0.2500 0.2500 0.2500 0.2500   0.2500 0.2500 0.2500 0.2500
#     0.1   0.0029 0.0029 0.4971 0.4971   0.2500 0.2500 0.2500 0.2500
#     0.7   0.0005 0.0005 0.4995 0.4995   0.2500 0.2500 0.2500 0.2500
#     3.3   0.0005 0.0005 0.4995 0.4995   0.2500 0.2500 0.2500 0.2500
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
packages=('chex==0.1.92' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'mctx==0.0.71' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import functools
import sys

import jax
import jax.numpy as jnp
import mctx
import numpy as np

MOVES, BATCH, SIMULATIONS = 4, 64, 50


def search(policy, value, **options):
    """The weights of the moves where each state has the same value, sorted for each search."""

    def step(params, key, action, embedding):
        output = mctx.RecurrentFnOutput(
            reward=jnp.zeros(BATCH),
            discount=jnp.ones(BATCH),
            prior_logits=jnp.zeros((BATCH, MOVES)),
            value=jnp.full(BATCH, value),
        )
        return output, embedding

    root = mctx.RootFnOutput(
        prior_logits=jnp.zeros((BATCH, MOVES)), value=jnp.full(BATCH, value), embedding=jnp.zeros(BATCH)
    )
    output = jax.jit(functools.partial(policy, recurrent_fn=step, num_simulations=SIMULATIONS, **options))(
        params=(), rng_key=jax.random.key(0), root=root
    )
    return np.sort(np.asarray(output.action_weights, float), axis=1)


plain = functools.partial(mctx.qtransform_completed_by_mix_value, rescale_values=False)
seen = {}
print("weights of four equal moves, the smallest to the largest, on the average of 64 searches")
print("value   gumbel_muzero_policy         without rescaling")
for value in (0.0, 0.25, 1.0, 0.1, 0.7, 3.3):
    weights = [
        search(mctx.gumbel_muzero_policy, value),
        search(mctx.gumbel_muzero_policy, value, qtransform=plain),
    ]
    seen[value] = [array.mean(axis=0) for array in weights]
    print(f"{value:5}  ", "   ".join(" ".join(f"{x:.4f}" for x in row) for row in seen[value]))
even = all(np.allclose(seen[value][0], 0.25, atol=1e-3) for value in (0.0, 0.25, 1.0))
torn = all(seen[value][0][0] < 0.01 and seen[value][0][-1] > 0.45 for value in (0.1, 0.7, 3.3))
safe = all(np.allclose(row[1], 0.25, atol=1e-3) for row in seen.values())
sys.exit(0 if even and torn and safe else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
