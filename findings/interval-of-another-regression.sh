#!/usr/bin/env bash
# neurocomplexity's bootstrap interval for an exponent leaves out the estimate: it is for another kind of regression.
#
# Date: 2026-11-30
#
# Versions: neurocomplexity 1.2.2, numpy 2.5.5, scipy 1.18.1, pandas 2.3.3, Python 3.12, CPU.
#
# Behaviour:
#   criticality fits the exponent gamma_fit of avalanche sizes against their durations. Its parameter regression chooses
#   ordinary least squares ("ols") or the reduced major axis ("rma"). The result keeps the choice in its params.
#   bootstrap then makes an interval around the estimate.
#
#   With "rma" the estimate is 1.250, and its interval is one point, 1.265 to 1.265. The estimate is outside of all 300
#   resamples, so the correction for bias pushes both ends to the smallest one. With "ols" it is inside. The resamples
#   are the same for both. A bootstrap by hand with "rma" has the estimate in its middle.
#
#   The source: `bootstrap_avalanche_exponents` in neurocomplexity/inference/bootstrap.py calls fit_avalanche_exponents
#   without the regression in params, so each resample is fitted by ordinary least squares.
#
# Output seen:
#   ols: gamma_fit 1.283, interval 1.268 to 1.299
#        resamples from 1.265 to 1.309, params 'ols'
#   rma: gamma_fit 1.250, interval 1.265 to 1.265
#        resamples from 1.265 to 1.309, params 'rma'
#   by hand with rma: 1.234 to 1.264, from 2690 avalanches
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
packages=('neurocomplexity==1.2.2' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==2.3.3')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")
from neurocomplexity.analysis import criticality
from neurocomplexity.analysis.criticality import fit_avalanche_exponents
from neurocomplexity.inference.bootstrap import bootstrap
from neurocomplexity.io.dict_loader import from_dict

rng = np.random.default_rng(2)
BIN, BINS = 0.004, 60_000
counts = np.zeros(BINS, dtype=int)
for t in range(1, BINS):
    counts[t] = rng.poisson(0.6 * counts[t - 1] + 0.05)
times = np.repeat((np.arange(BINS) + 0.5) * BIN, counts)
recording = from_dict({0: times}, duration=BINS * BIN)
inside, bounds = {}, {}
for kind in ("ols", "rma"):
    result = criticality(recording, bin_size=4.0, regression=kind)
    boot = bootstrap(result, recording, n=300, seed=0)
    low, high = boot.ci_lower[2], boot.ci_upper[2]
    draws = boot.bootstrap_distribution[:, 2]
    bounds[kind] = np.percentile(draws, [2.5, 97.5])
    inside[kind] = draws.min() <= result.gamma_fit <= draws.max()
    print(f"{kind}: gamma_fit {result.gamma_fit:.3f}, interval {low:.3f} to {high:.3f}")
    print(f"     resamples from {draws.min():.3f} to {draws.max():.3f}, params {result.params['regression']!r}")
sizes, lifetimes = np.asarray(result.sizes), np.asarray(result.lifetimes)
hand = []
for _ in range(300):
    pick = rng.integers(0, len(sizes), len(sizes))
    hand.append(fit_avalanche_exponents(sizes[pick], lifetimes[pick], BIN, regression="rma")[2])
middle = np.percentile(hand, [2.5, 97.5])
print(f"by hand with rma: {middle[0]:.3f} to {middle[1]:.3f}, from {len(sizes)} avalanches")
holds = middle[0] < result.gamma_fit < middle[1]
sys.exit(0 if inside == {"ols": True, "rma": False} and np.allclose(*bounds.values()) and holds else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
