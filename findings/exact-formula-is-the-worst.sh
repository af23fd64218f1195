#!/usr/bin/env bash
# jaxsr gives y = 2 x the worst criterion, inf, if it fits exactly, and chooses y = 2 x - 1.7e-07 x**2 in its place.
#
# Date: 2026-11-30
#
# Versions: jaxsr 0.3.0, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   An information criterion adds a price for each term to the misfit, and the lower is the better, so a formula with
#   fewer terms and a smaller error always wins. A symbolic regression is to find the law in data without noise.
#
#   For y = 2 x at 1 to 20 jaxsr's exhaustive search has y = 2 x, with an error of exactly 0, in its list of the best
#   formulas, and gives it the BIC inf, worse than that of a constant (158). It returns y = 2 x - 1.7e-07 x**2, with an
#   error of 6e-11. For y = x it returns y = x - 8.3e-08 x**2. With noise of 1e-6 in the data y = 2 x is chosen. AIC,
#   AICc, HQC and MDL do the same.
#
#   The source: `compute_bic` and its like in jaxsr/metrics.py return float("inf") if the error is not above 0. The
#   limit of the logarithm is minus infinity.
#
# Output seen:
#   data                  chosen                      BIC       error   y = c x in the list: BIC      error
#   2 x                   y = 2*x - 1.6661e-07*x^2     -408.9     5.7e-11                      inf    0.0e+00
#   x                       y = x - 8.3306e-08*x^2     -436.6     1.4e-11                      inf    0.0e+00
#   2 x + noise of 1e-6                    y = 2*x     -501.4     6.5e-13                   -501.4    6.5e-13
#   aic   of errors 1, 1e-10, 1e-30 and 0: 59, -402, -1323, inf
#   aicc  of errors 1, 1e-10, 1e-30 and 0: 59, -402, -1323, inf
#   bic   of errors 1, 1e-10, 1e-30 and 0: 60, -401, -1322, inf
#   hqc   of errors 1, 1e-10, 1e-30 and 0: 59, -402, -1323, inf
#   mdl   of errors 1, 1e-10, 1e-30 and 0: 1, -229, -689, inf
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
packages=('jaxsr==0.3.0' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
from jaxsr import BasisLibrary, SymbolicRegressor
from jaxsr.metrics import compute_information_criterion

places = np.arange(1.0, 21.0)
noise = 1e-6 * np.random.default_rng(0).normal(size=20)
CASES = {"2 x": 2 * places, "x": places, "2 x + noise of 1e-6": 2 * places + noise}
rows = {}
print("data                  chosen                      BIC       error   y = c x in the list: BIC      error")
for name, values in CASES.items():
    library = BasisLibrary(n_features=1, feature_names=["x"]).add_constant().add_linear().add_polynomials(max_degree=3)
    model = SymbolicRegressor(basis_library=library, max_terms=3, strategy="exhaustive")
    model.fit(jnp.asarray(places[:, None]), jnp.asarray(values))
    linear = [r for r in model.pareto_front_ if r.expression().endswith("*x") or r.expression() == "y = x"]
    best = min(linear, key=lambda r: float(r.mse))
    chosen = model.metrics_["bic"], model.metrics_["mse"], float(best.bic), float(best.mse), model.expression_
    rows[name] = chosen
    print(f"{name:20}{chosen[4]:>26}{chosen[0]:11.1f}{chosen[1]:12.1e}{chosen[2]:25.1f}{chosen[3]:11.1e}")
values = {}
for criterion in ("aic", "aicc", "bic", "hqc", "mdl"):
    values[criterion] = [compute_information_criterion(20, 1, mse, criterion) for mse in (1.0, 1e-10, 1e-30, 0.0)]
    print(f"{criterion:5} of errors 1, 1e-10, 1e-30 and 0: " + ", ".join(f"{value:.0f}" for value in values[criterion]))
worst = all(row[3] == np.inf and row[0] > row[1] > row[2] for row in values.values())
wrong = all(rows[n][2] == np.inf and rows[n][3] == 0 and rows[n][1] > 0 and "x^2" in rows[n][4] for n in ("2 x", "x"))
sys.exit(0 if worst and wrong and "^" not in rows["2 x + noise of 1e-6"][4] else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
