#!/usr/bin/env bash
# diffbio gives transcripts of equally many molecules 666,658 and 333,329 per million if one is twice as long.
#
# Date: 2026-11-30
#
# Versions: diffbio 0.1.9, avitai-artifex 0.1.15, datarax 0.1.17, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5,
#   scipy 1.18.1, opifex 0.2.10, Python 3.12, CPU.
#
# Behaviour:
#   Transcripts per million (TPM) count molecules: the reads of a transcript over its length, scaled to a sum of a
#   million. Transcripts of the same number of molecules have the same TPM, whatever their lengths.
#   DifferentiableEMQuantifier of diffbio follows Salmon and Kallisto, by its docstring.
#
#   For two transcripts of 1,000 and 2,000 bases with 100 and 200 reads that fit one of them alone its abundances are
#   0.5 and 0.5, which is the share of the molecules, and its tpm 666,658 and 333,329. With a third of 500 bases and 50
#   reads the shortest has 571,424, where 333,333 is right. If 300 more reads fit both, the abundances are wrong as
#   well: the shorter one has 0.745, where 0.667 is right.
#
#   The source: diffbio/operators/statistical/em_quantification.py. `em_step` divides the expected counts by the
#   lengths, so that the abundances are per molecule, and then `em_step`, at its start, and `compute_tpm` divide them by
#   the lengths again.
#
# Output seen:
#   reads                    abundances            tpm of diffbio                right
#   100, 200                0.500 0.500                     666658  333329   500000  500000
#   50, 100, 200            0.333 0.333 0.333       571424  285712  142856   333333  333333  333333
#   100, 200, 300 of both   0.745 0.255                     853841  146147   666667  333333
#   equal lengths           0.333 0.667                     333330  666660   333333  666667
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
from diffbio.operators.statistical.em_quantification import DifferentiableEMQuantifier, EMQuantifierConfig
from flax import nnx


def right(fits, lengths):
    """EM of RSEM, Salmon and Kallisto, with the share of the reads as the parameter."""
    share = np.ones(len(lengths)) / len(lengths)
    for _ in range(2000):
        weight = fits * share / lengths
        share = (weight / weight.sum(axis=1, keepdims=True)).mean(axis=0)
    return share / lengths / np.sum(share / lengths) * 1e6


def own(fits, lengths):
    config = EMQuantifierConfig(n_transcripts=len(lengths), n_iterations=200)
    quantifier = DifferentiableEMQuantifier(config, rngs=nnx.Rngs(0))
    data = {"compatibility": jnp.asarray(fits, jnp.float32), "effective_lengths": jnp.asarray(lengths, jnp.float32)}
    result = quantifier.apply(data, {}, None)[0]
    return np.asarray(result["abundances"], float), np.asarray(result["tpm"], float)


def unique(counts):
    return np.repeat(np.eye(len(counts)), counts, axis=0)


shared = np.concatenate([unique([100, 200]), np.ones((300, 2))])
CASES = {
    "100, 200": (unique([100, 200]), np.array([1000.0, 2000.0])),
    "50, 100, 200": (unique([50, 100, 200]), np.array([500.0, 1000.0, 2000.0])),
    "100, 200, 300 of both": (shared, np.array([1000.0, 2000.0])),
    "equal lengths": (unique([100, 200]), np.array([1000.0, 1000.0])),
}
rows = {}
print("reads                    abundances            tpm of diffbio                right")
for name, (fits, lengths) in CASES.items():
    abundance, tpm = own(fits, lengths)
    rows[name] = tpm, right(fits, lengths)
    texts = [" ".join(f"{value:7.0f}" for value in values) for values in rows[name]]
    print(f"{name:24}{' '.join(f'{value:.3f}' for value in abundance):20}{texts[0]:>26}  {texts[1]}")
same = np.allclose(rows["equal lengths"][0], rows["equal lengths"][1], rtol=1e-3)
one = np.allclose(rows["100, 200"][1], 5e5, rtol=1e-6) and abs(rows["100, 200"][0][0] - 666_667) < 100
sys.exit(0 if same and one and rows["50, 100, 200"][0][0] > 560_000 and np.ptp(rows["50, 100, 200"][1]) < 1 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
