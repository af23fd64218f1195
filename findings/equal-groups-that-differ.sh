#!/usr/bin/env bash
# abayes rejects the null for two groups with the very same 200 times in days, as the posterior is wide.
#
# Date: 2026-11-30
#
# Versions: abayes 0.0.2, jax 0.4.38, jaxlib 0.4.38, numpy 2.5.5, scipy 1.18.1, numpyro 0.15.3, polars 2.1.0, beartype
#   0.23.1, Python 3.12, CPU.
#
# Behaviour:
#   abayes compares two groups by the posterior of their difference and a ROPE, a region of practical equivalence, and
#   says that it follows Kruschke's BEST. His rule accepts the null if the whole 95% interval is in the ROPE, rejects it
#   if the whole interval is outside of it, and decides nothing in all other cases.
#
#   rope_decision of abayes rejects the null if less than 5% of the posterior are in the ROPE, wherever it is. A wide
#   posterior, which knows little, has little of itself in any small region. So two groups with the same 200 retention
#   times, of some 100 days each, are "reject_null" with the default ROPE of 0.1, although the interval goes from -15 to
#   15 days. With 60 times it goes from -27 to 27 days and the null is rejected all the same. The same two groups in
#   units of 1,000 days are "accept_null".
#
#   The source: `TestResults.rope_decision` in abayes/results.py compares the part of the draws in the ROPE with 0.05.
#
# Output seen:
#   in days: 200 times in each group, mean 113
#     abayes: reject_null, by Kruschke's rule: undecided
#     95% of the difference from -15.5 to 15.4, ROPE (-0.1, 0.1), better: 0.49
#   in days, fewer: 60 times in each group, mean 107
#     abayes: reject_null, by Kruschke's rule: undecided
#     95% of the difference from -26.7 to 27, ROPE (-0.1, 0.1), better: 0.49
#   in 1,000 days: 200 times in each group, mean 0.113
#     abayes: accept_null, by Kruschke's rule: accept_null
#     95% of the difference from -0.0159 to 0.0159, ROPE (-0.1, 0.1), better: 0.49
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
  'abayes==0.0.2' 'jax==0.4.38' 'jaxlib==0.4.38' 'numpy==2.5.5' 'scipy==1.18.1' 'numpyro==0.15.3' 'polars==2.1.0'
  'beartype==0.23.1'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
import polars as pl
from abayes import BayesianTest, RetentionConfig


def decide(times, label):
    """The decision for two groups that have the same times."""
    variants = ["control"] * len(times) + ["treatment"] * len(times)
    test = BayesianTest(RetentionConfig(name=label))
    test.add_data(pl.DataFrame({"variant": variants, "outcome": np.concatenate([times, times]).astype(np.float32)}))
    results = test.analyze()
    draws = np.asarray(results.samples["difference"])
    lower, upper = np.percentile(draws, [2.5, 97.5])
    rope = results.config.get_rope_bounds_for_metric()
    kruschke = "undecided"
    if rope[0] <= lower and upper <= rope[1]:
        kruschke = "accept_null"
    elif upper < rope[0] or rope[1] < lower:
        kruschke = "reject_null"
    decision = results.rope_decision()
    print(f"{label}: {len(times)} times in each group, mean {times.mean():.3g}")
    print(f"  abayes: {decision}, by Kruschke's rule: {kruschke}")
    better = results.prob_better()["treatment"]
    print(f"  95% of the difference from {lower:.3g} to {upper:.3g}, ROPE {rope}, better: {better:.2f}")
    return decision, kruschke, lower, upper


days = np.random.default_rng(0).exponential(100, 200)
many = decide(days, "in days")
few = decide(days[:60], "in days, fewer")
large = decide(days / 1000, "in 1,000 days")
wrong = all(case[:2] == ("reject_null", "undecided") and case[2] < -10 and case[3] > 10 for case in (many, few))
sys.exit(0 if wrong and large[0] == large[1] == "accept_null" else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
