#!/usr/bin/env bash
# diffbio's profile HMM gives 20 and 200 random letters the score -10, where -81 and -801 is right: the last one counts.
#
# Date: 2026-11-30
#
# Versions: diffbio 0.1.9, avitai-artifex 0.1.15, datarax 0.1.17, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5,
#   scipy 1.18.1, opifex 0.2.10, Python 3.12, CPU.
#
# Behaviour:
#   ProfileHMMSearch.score_sequence of diffbio is "log P(sequence | profile)", by the forward algorithm. The
#   probabilities of all sequences of one length sum to 1 at most, and a sequence that has nothing in common with the
#   profile has a far lower one.
#
#   For a profile of 20 residues with sharp emissions (0.999 for the right letter) a member scores -4.6. 20 random
#   letters score -10, and 200 as well, where the same recursion without the error gives -81 and -801. With the first
#   letter of the profile at their end they score 0, better than a member. The probabilities of all sequences of six
#   letters, of an alphabet of four, sum to 1,326, and of seven to 5,302. (One letter has 2, as two states begin with
#   the probability 1.)
#
#   The source: `forward_step` in diffbio/operators/alignment/profile_hmm.py adds the emission of the first match state
#   at each residue, `new_log_M.at[0]` from `obs_match[0]`, with no probability of the residues before it. So the
#   profile may begin at the last residue, and what came before costs nothing.
#
# Output seen:
#   sequence                    diffbio   from the first residue on
#   a member                       -4.6                        -4.6
#   20 random letters             -10.0                       -81.1
#   200 random letters            -10.0                      -801.4
#   20, the first at the end       -0.0                       -83.2
#   letters   sum of the probabilities of all sequences: diffbio   from the first residue on
#         1                                                2.00                        2.00
#         3                                               21.39                        1.76
#         5                                              331.95                        1.47
#         6                                             1326.03                         nan
#         7                                             5302.49                         nan
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
  'diffbio==0.1.9' 'avitai-artifex==0.1.15' 'datarax==0.1.17' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12'
  'numpy==2.5.5' 'scipy==1.18.1' 'opifex==0.2.10'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import itertools
import sys

import jax
import jax.numpy as jnp
import numpy as np
from diffbio.operators.alignment.profile_hmm import ProfileHMMConfig, ProfileHMMSearch
from flax import nnx
from scipy.special import logsumexp


def profile(family, alphabet):
    search = ProfileHMMSearch(ProfileHMMConfig(profile_length=len(family), alphabet_size=alphabet), rngs=nnx.Rngs(0))
    search.log_match_emissions[...] = 10.0 * jax.nn.one_hot(jnp.asarray(family), alphabet)
    return search


def from_the_start(search, letters):
    """The same recursion in numpy, but the first match state is for the first residue alone."""
    match, insert = np.asarray(search.get_match_emissions(), float), np.asarray(search.get_insert_emissions(), float)
    step = {name: np.asarray(values, float) for name, values in search.get_transitions().items()}
    m, i = np.full(len(match), -1e10), np.full(len(match), -1e10)
    m[0], i[0] = match[0, letters[0]], insert[0, letters[0]]
    for letter in letters[1:]:
        begin = np.logaddexp(m[:-1] + step["m_to_m"][:-1], i[:-1] + step["i_to_m"][:-1])
        i = np.logaddexp(m + step["m_to_i"], i + step["i_to_i"]) + insert[:, letter]
        m = np.r_[-1e10, begin + match[1:, letter]]
    return logsumexp(np.r_[m, i])


rng = np.random.default_rng(0)
family = rng.integers(20, size=20)
search = profile(family, 20)
score = jax.jit(lambda letters: search.score_sequence(jax.nn.one_hot(letters, 20)))
CASES = {
    "a member": family,
    "20 random letters": rng.integers(20, size=20),
    "200 random letters": rng.integers(20, size=200),
    "20, the first at the end": np.r_[rng.integers(20, size=19), family[0]],
}
seen = {}
print("sequence                    diffbio   from the first residue on")
for name, letters in CASES.items():
    seen[name] = float(score(jnp.asarray(letters))), from_the_start(search, letters)
    print(f"{name:26}{seen[name][0]:9.1f}{seen[name][1]:28.1f}")
small = profile(np.array([0, 1, 2, 3, 2, 1, 0]), 4)
total = {}
print("letters   sum of the probabilities of all sequences: diffbio   from the first residue on")
for size in (1, 3, 5, 6, 7):
    words = np.array(list(itertools.product(range(4), repeat=size)))
    values = jax.vmap(lambda word: small.score_sequence(jax.nn.one_hot(word, 4)))(jnp.asarray(words))
    right = sum(np.exp(from_the_start(small, word)) for word in words) if size < 6 else float("nan")
    total[size] = float(np.exp(np.asarray(values, float)).sum()), right
    print(f"{size:7}{total[size][0]:52.2f}{total[size][1]:28.2f}")
alike = abs(seen["20 random letters"][0] - seen["200 random letters"][0]) < 0.5
better = seen["20, the first at the end"][0] > seen["a member"][0] + 2
far = seen["20 random letters"][1] < seen["a member"][1] - 40
sys.exit(0 if alike and better and far and total[7][0] > 100 and total[5][1] < 2.01 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
