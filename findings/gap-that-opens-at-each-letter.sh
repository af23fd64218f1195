#!/usr/bin/env bash
# diffbio's Smith-Waterman opens a gap anew at each letter: a gap of 4 letters costs 14, where 5 or 4.5 is meant.
#
# Date: 2026-11-30
#
# Versions: diffbio 0.1.9, avitai-artifex 0.1.15, datarax 0.1.17, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5,
#   scipy 1.18.1, opifex 0.2.10, Python 3.12, CPU.
#
# Behaviour:
#   SmithWatermanConfig of diffbio has a gap_open, the "penalty for opening a gap", and a gap_extend, the "penalty for
#   extending a gap". With such affine costs a gap of n letters costs open + n * extend, or open + (n - 1) * extend, by
#   the convention. It is made for long gaps, as an insertion of 30 bases is one event.
#
#   With -3 and -0.5 a gap of 1 letter costs 3.5, one of 2 costs 7 and one of 4 costs 14: each letter costs open +
#   extend. A gap of 12 costs 42 and is so not found at all: the best alignment of two sequences that are the same but
#   for an insertion of 12 letters is one half of it, with a score of 24, where 39 is right. With the default of -10 and
#   -1 a gap of 2 costs 22. A recursion with affine costs (Gotoh) in numpy finds 48 less the cost in each case.
#
#   The source: `align` in diffbio/operators/alignment/smith_waterman.py adds `gap_open + gap_extend` for each step to
#   the right or down, and has one matrix, where affine costs need three.
#
# Output seen:
#   gap   score of diffbio   its cost   affine score   affine cost   open + extend for each letter
#     0               48.0        0.0           48.0           0.0                             0.0
#     1               44.5        3.5           44.5           3.5                             3.5
#     2               41.0        7.0           44.0           4.0                             7.0
#     3               37.5       10.5           43.5           4.5                            10.5
#     4               34.0       14.0           43.0           5.0                            14.0
#    12               24.0       24.0           39.0           9.0                            42.0
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
import sys

import jax.numpy as jnp
import numpy as np
from diffbio.operators.alignment.scoring import create_dna_scoring_matrix
from diffbio.operators.alignment.smith_waterman import SmithWatermanConfig, SmoothSmithWaterman
from flax import nnx

OPEN, EXTEND, MATCH, MISMATCH = -3.0, -0.5, 2.0, -1.0
scoring = create_dna_scoring_matrix(match=MATCH, mismatch=MISMATCH)
config = SmithWatermanConfig(temperature=0.05, gap_open=OPEN, gap_extend=EXTEND)
aligner = SmoothSmithWaterman(config, scoring_matrix=scoring, rngs=nnx.Rngs(0))


def encode(letters):
    return jnp.eye(4)[jnp.array(["ACGT".index(letter) for letter in letters])]


def gotoh(first, second):
    """Local alignment with affine costs: open + length * extend."""
    best = 0.0
    score = np.zeros((len(first) + 1, len(second) + 1))
    down, right = np.full_like(score, -np.inf), np.full_like(score, -np.inf)
    for i, a in enumerate(first, 1):
        for j, b in enumerate(second, 1):
            down[i, j] = max(score[i - 1, j] + OPEN, down[i - 1, j]) + EXTEND
            right[i, j] = max(score[i, j - 1] + OPEN, right[i, j - 1]) + EXTEND
            diagonal = score[i - 1, j - 1] + (MATCH if a == b else MISMATCH)
            score[i, j] = max(0.0, diagonal, down[i, j], right[i, j])
            best = max(best, score[i, j])
    return best


left, right = "ACGTACGTGGCC", "AAGTACGTAACC"
rows = {}
print("gap   score of diffbio   its cost   affine score   affine cost   open + extend for each letter")
for size in (0, 1, 2, 3, 4, 12):
    longer, shorter = left + "T" * size + right, left + right
    score = float(aligner.align(encode(longer), encode(shorter)).score)
    rows[size] = score, gotoh(longer, shorter)
    own, affine = (2 * len(shorter) - value for value in rows[size])
    print(f"{size:3}{score:19.1f}{own:11.1f}{rows[size][1]:15.1f}{affine:14.1f}{size * (-OPEN - EXTEND):32.1f}")
linear = all(abs(48 + size * (OPEN + EXTEND) - rows[size][0]) < 0.6 for size in (0, 1, 2, 3, 4))
affine = all(rows[size][1] == 48 + OPEN + size * EXTEND for size in (1, 2, 3, 4, 12))
sys.exit(0 if linear and affine and rows[12][0] < rows[12][1] - 10 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
