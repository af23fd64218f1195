#!/usr/bin/env bash
# metrax.BLEU gives the first half of a translation 1.0, where 0.72 is right, if there is a short reference as well.
#
# Date: 2026-11-30
#
# Versions: google-metrax 0.2.4, sacrebleu 2.6.0, flax 0.12.12, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python
#   3.12, CPU.
#
# Behaviour:
#   BLEU lowers the score of a translation that is shorter than its reference. Where there are several references, the
#   one of the closest length counts: so the docstring of metrax.BLEU has it, and so does sacrebleu, which is the usual
#   measure.
#
#   metrax takes the shortest reference of each sentence instead. The first six words of a reference of eight get 1.0,
#   if another reference has three words. So one more reference, which may be right, makes the score of a cut
#   translation higher, without a word in common. With one reference, and with references of one length, metrax and
#   sacrebleu agree.
#
#   The source: `from_model_output` of BLEU in metrax/nlp_metrics.py adds min(len(r) for r in ref_list) to the length of
#   the references.
#
# Output seen:
#   prediction               metrax   sacrebleu   closest length
#   six of eight words        0.717       0.717            0.717
#   and three other words     1.000       0.717            0.717
#   and eight other words     0.717       0.717            0.717
#   all eight words           1.000       1.000            1.000
#   a corpus of two           1.000       0.717            0.717
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
packages=('google-metrax==0.2.4' 'sacrebleu==2.6.0' 'flax==0.12.12' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import math
import sys

import metrax
import sacrebleu

LONG = "the old man walks slowly through the park"
CASES = {
    "six of eight words": ([LONG.rsplit(" ", 2)[0]], [[LONG]]),
    "and three other words": ([LONG.rsplit(" ", 2)[0]], [[LONG, "he takes strolls"]]),
    "and eight other words": ([LONG.rsplit(" ", 2)[0]], [[LONG, "an aged man is going for a stroll"]]),
    "all eight words": ([LONG], [[LONG, "he takes strolls"]]),
    "a corpus of two": ([LONG.rsplit(" ", 2)[0]] * 2, [[LONG, "he takes strolls"], [LONG, "he strolls"]]),
}


def closest(predictions, references):
    """The brevity penalty of the docstring; all n-grams of the predictions match here."""
    length, wanted = 0, 0
    for prediction, choices in zip(predictions, references):
        size = len(prediction.split())
        length += size
        wanted += min((abs(len(r.split()) - size), len(r.split())) for r in choices)[1]
    return 1.0 if length >= wanted else math.exp(1 - wanted / length)


seen = {}
print("prediction               metrax   sacrebleu   closest length")
for name, (predictions, references) in CASES.items():
    mine = float(metrax.BLEU.from_model_output(predictions, references).compute())
    columns = list(zip(*references))
    other = sacrebleu.corpus_bleu(predictions, columns, tokenize="none", smooth_method="none").score / 100
    seen[name] = (mine, other, closest(predictions, references))
    print(f"{name:23}{mine:8.3f}{other:12.3f}{seen[name][2]:17.3f}")
agree = all(abs(row[1] - row[2]) < 1e-4 for row in seen.values())
wrong = {name for name, row in seen.items() if abs(row[0] - row[1]) > 0.1}
sys.exit(0 if agree and wrong == {"and three other words", "a corpus of two"} else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
