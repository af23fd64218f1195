#!/usr/bin/env bash
# artifex's REINFORCE puts the reward of an answer onto a token of the prompt, and a long prompt is trained by nothing.
#
# Date: 2026-11-30
#
# Versions: avitai-artifex 0.1.15, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, distrax 0.1.9, calibrax 0.1.14,
#   optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   REINFORCETrainer of artifex takes sequences of a prompt and an answer, with a response_mask that is 1 for the tokens
#   of the answer, and one reward for each sequence. The reward is put "onto the last active response token", by the
#   docstring, and from there each token of the answer gets it as its discounted return.
#
#   The reward is put on the token whose number is the length of the answer, from the start of the sequence. With a
#   prompt of one token that is right. With a prompt of 3 tokens and an answer of 3 only the first token of the answer
#   has a return; with a prompt of 5 tokens and an answer of 3 the reward lies in the prompt, each return of the answer
#   is 0, and so are the loss and all gradients: nothing is ever learnt, and no error says so. If token_rewards are
#   given at the right place, all is right.
#
#   The source: `_terminal_sequence_rewards_to_token_rewards` in artifex/generative_models/training/rl/reinforce.py
#   takes `sum(action_mask) - 1` for the index of the last token of the answer, which it is only if the mask begins with
#   1.
#
# Output seen:
#   prompt  reward            returns of the answer   share of rewards after 100 steps
#        1  of the whole      [1.0, 1.0, 1.0]         0.92
#        1  of each token     [1.0, 1.0, 1.0]         0.92
#        3  of the whole      [1.0, 0.0, 0.0]         0.25
#        3  of each token     [1.0, 1.0, 1.0]         0.91
#        5  of the whole      [0.0, 0.0, 0.0]         0.23
#        5  of each token     [1.0, 1.0, 1.0]         0.93
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
packages=(
  'avitai-artifex==0.1.15' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12' 'numpy==2.5.5' 'distrax==0.1.9'
  'calibrax==0.1.14' 'optax==0.2.8'
)
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
import numpy as np
import optax
from artifex.generative_models.training.rl.configs import REINFORCEConfig
from artifex.generative_models.training.rl.reinforce import REINFORCETrainer
from artifex.generative_models.training.rl.types import GeneratedSequenceBatch, SequenceRolloutBatch
from flax import nnx

ANSWER, TOKENS, BATCH = 3, 4, 256


class Bigram(nnx.Module):
    def __init__(self):
        self.table = nnx.Param(jnp.zeros((TOKENS, TOKENS)))

    def __call__(self, sequences):
        return self.table[...][sequences]


def trainer(model):
    config = REINFORCEConfig(gamma=1.0, normalize_returns=False, entropy_coeff=0.0)
    return REINFORCETrainer(model, nnx.Optimizer(model, optax.sgd(1.0), wrt=nnx.Param), config)


def run(prompt, by_token):
    """The answers that end in token 2 have the reward 1, all others 0."""
    rng = np.random.default_rng(0)
    model = Bigram()
    reinforce = trainer(model)
    step = nnx.jit(lambda trained, batch: nnx.grad(reinforce.create_loss_fn(), has_aux=True)(trained, batch)[0])
    for _ in range(100):
        table = np.asarray(jax.nn.softmax(model.table[...]), float)
        rows = rng.integers(TOKENS, size=(BATCH, prompt))
        for _ in range(ANSWER):
            chances = np.cumsum(table[rows[:, -1]], axis=1) / table[rows[:, -1]].sum(axis=1, keepdims=True)
            rows = np.c_[rows, (rng.uniform(size=(BATCH, 1)) > chances).sum(axis=1)]
        rewards = (rows[:, -1] == 2).astype(np.float32)
        mask = np.broadcast_to(np.arange(prompt + ANSWER) >= prompt, rows.shape).astype(np.float32)
        generated = GeneratedSequenceBatch.from_sequences(
            jnp.asarray(rows), rewards=jnp.asarray(rewards), response_mask=jnp.asarray(mask)
        )
        places = np.zeros((BATCH, prompt + ANSWER - 1), np.float32)
        places[:, -1] = rewards
        batch = SequenceRolloutBatch(generated, token_rewards=jnp.asarray(places) if by_token else None)
        reinforce.optimizer.update(model, step(model, batch))
    winner = int(np.argmax(rewards))
    returns = np.asarray(reinforce._resolve_returns(batch))[winner]
    return returns[prompt - 1 :].tolist(), float(rewards.mean())


seen = {}
print("prompt  reward            returns of the answer   share of rewards after 100 steps")
for prompt in (1, 3, 5):
    for by_token in (False, True):
        seen[prompt, by_token] = run(prompt, by_token)
        name = "of each token" if by_token else "of the whole"
        print(f"{prompt:6}  {name:18}{seen[prompt, by_token][0]!s:24}{seen[prompt, by_token][1]:.2f}")
right = all(row[0] == [1, 1, 1] and row[1] > 0.9 for (_, by_token), row in seen.items() if by_token)
short = seen[1, False][0] == [1, 1, 1] and seen[3, False][0] == [1, 0, 0]
sys.exit(0 if right and short and seen[5, False][0] == [0, 0, 0] and seen[5, False][1] < 0.4 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
