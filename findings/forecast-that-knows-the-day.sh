#!/usr/bin/env bash
# sir-epidemic forecasts pure noise with an R^2 of 0.65: a mean that it learns from contains the day to be forecast.
#
# Date: 2026-11-30
#
# Versions: sir-epidemic 1.0.1, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, scikit-learn 1.9.1, networkx 3.7, matplotlib
#   3.11.2, Python 3.12, CPU.
#
# Behaviour:
#   Independent random numbers cannot be forecast, so a test of a forecast has an R^2 of 0 or less.
#
#   EpidemicPredictor.train gives a mean R^2 of 0.65 for 300 independent Poisson numbers, in 20 series. With the same
#   forest and without the two rolling means the R^2 is below 0. The rolling means of a day hold the day itself: three
#   times the mean, less the last two days, is the number to be found.
#
#   predict_future has the same error in the other direction. Its first value is for the last known day, from features
#   that hold that day, and not for the day after. For a series that doubles each day the first forecast is below the
#   last known number.
#
#   The source: `create_features` in sir_simulator/advanced_features/ml_prediction.py takes rolling(window=3) and
#   rolling(window=7) of the cases without a shift. `predict_future` begins with the last row of these features.
#
# Output seen:
#   R^2 for noise: train 0.65 (0.58 to 0.73), lags only -0.18
#   3 rolling_mean_3 - lag_1 - lag_2 is the target: True
#   doubling series: last day 8388608, first forecast 6575227
#       the model for the features of the last known day: 6575227
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
packages=('numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1' 'scikit-learn==1.9.1' 'networkx==3.7' 'matplotlib==3.11.2')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi
# The web page of the package needs streamlit, and its forecasts do not.
alone=('sir-epidemic==1.0.1')
if command -v uv >/dev/null; then
  uv pip install -q -p "$folder/venv/bin/python" --no-deps "${alone[@]}" || exit 2
else
  "$folder/venv/bin/pip" install -q --no-deps "${alone[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
import pandas as pd
from sir_simulator.advanced_features.ml_prediction import EpidemicPredictor
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score

own, honest = [], []
for seed in range(20):
    data = pd.DataFrame({"day": range(300), "cases": np.random.default_rng(seed).poisson(100, 300)})
    predictor = EpidemicPredictor("random_forest")
    own.append(predictor.train(data)[0]["r2"])
    features, target, _ = predictor.prepare_data(data)
    known = features[[f"lag_{lag}" for lag in range(1, 8)]]
    half = len(known) * 4 // 5
    forest = RandomForestRegressor(n_estimators=100, random_state=42).fit(known[:half], target[:half])
    honest.append(r2_score(target[half:], forest.predict(known[half:])))
found = 3 * features["rolling_mean_3"] - features["lag_1"] - features["lag_2"]
print(f"R^2 for noise: train {np.mean(own):.2f} ({min(own):.2f} to {max(own):.2f}), lags only {np.mean(honest):.2f}")
print(f"3 rolling_mean_3 - lag_1 - lag_2 is the target: {np.allclose(found, target)}")
growth = pd.DataFrame({"day": range(24), "cases": 2.0 ** np.arange(24)})
predictor = EpidemicPredictor("random_forest")
predictor.train(growth)
first = predictor.predict_future(growth, days=1).iloc[0]
rows = predictor.prepare_data(growth)[0]
print(f"doubling series: last day {growth.cases.iloc[-1]:.0f}, first forecast {first:.0f}")
print(f"    the model for the features of the last known day: {predictor.model.predict(rows.iloc[-1:])[0]:.0f}")
same = np.isclose(first, predictor.model.predict(rows.iloc[-1:])[0]) and first < growth.cases.iloc[-1]
sys.exit(0 if np.mean(own) > 0.3 and np.mean(honest) < 0.05 and np.allclose(found, target) and same else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
