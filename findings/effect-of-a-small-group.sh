#!/usr/bin/env bash
# esek turns z = 2 into an effect of 0.28, and t = 2 of the same two groups into 0.65: the group sizes cancel out.
#
# Date: 2026-11-30
#
# Versions: esek 0.1.38, numpy 2.5.5, scipy 1.18.1, pandas 3.1.1, statsmodels 0.15.0, pingouin 0.6.1, arch 8.0.0,
#   astropy 8.0.2, scikit-learn 1.9.1, Python 3.12, CPU.
#
# Behaviour:
#   For two groups z or t is the effect size d, divided by the root of 1 / n1 + 1 / n2. With 10 and 190 persons a z of 2
#   is a d of 0.65. esek's from_t_independent has that for t = 2. Its from_z_independent has 0.28, which is the value
#   for two groups of 100. It gives 0.28 for 2 and 198 persons too, where d is 1.42. Data made with these d confirm it.
#
#   For one group t is d times the root of n. from_t_one_sample divides t by the root of n - 1 and calls that d. Its d
#   for 5 persons is 12 % larger than the mean over the standard deviation. from_t_paired, which has the same case,
#   divides by the root of n.
#
#   The source: esek/converters/statistic_to_effect_size.py. from_z_independent multiplies 2 z / sqrt(N) by a root of
#   the harmonic mean over 2 n1 n2 / N, which is the harmonic mean itself, so the factor is always 1.
#
# Output seen:
#   100 and 100 persons: d from z 0.283, from t 0.283, z sqrt(1/n1 + 1/n2) 0.283
#    10 and 190 persons: d from z 0.283, from t 0.649, z sqrt(1/n1 + 1/n2) 0.649
#     2 and 198 persons: d from z 0.283, from t 1.421, z sqrt(1/n1 + 1/n2) 1.421
#   10 and 190 persons with d = 0.65: mean z 2.00, esek's d from z 0.28, from t 0.65
#   5 persons: mean / standard deviation 1.8974, from_t_one_sample 2.1213, from_t_paired 1.8974
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
  'esek==0.1.38' 'numpy==2.5.5' 'scipy==1.18.1' 'pandas==3.1.1' 'statsmodels==0.15.0' 'pingouin==0.6.1' 'arch==8.0.0'
  'astropy==8.0.2' 'scikit-learn==1.9.1'
)
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import sys

import numpy as np
from esek import StatisticToEffectSize as Convert

own = []
for n1, n2 in ((100, 100), (10, 190), (2, 198)):
    z, t = Convert.from_z_independent(2.0, n1, n2).cohens_d, Convert.from_t_independent(2.0, n1, n2).cohens_d
    right = 2.0 * np.sqrt(1 / n1 + 1 / n2)
    own.append((z, t, right))
    print(f"{n1:3} and {n2} persons: d from z {z:.3f}, from t {t:.3f}, z sqrt(1/n1 + 1/n2) {right:.3f}")
rng = np.random.default_rng(0)
means = []
for _ in range(20_000):
    a, b = rng.normal(0.65, 1, 10), rng.normal(0, 1, 190)
    means.append((a.mean() - b.mean()) / np.sqrt(1 / 10 + 1 / 190))
z = float(np.mean(means))
back = Convert.from_z_independent(z, 10, 190).cohens_d
by_t = Convert.from_t_independent(z, 10, 190).cohens_d
print(f"10 and 190 persons with d = 0.65: mean z {z:.2f}, esek's d from z {back:.2f}, from t {by_t:.2f}")
data = np.array([1.0, 3.0, 2.0, 5.0, 4.0])
t = data.mean() / (data.std(ddof=1) / np.sqrt(5))
one, paired = Convert.from_t_one_sample(t, 5).cohens_d, Convert.from_t_paired(t, 5).cohens_d
d = data.mean() / data.std(ddof=1)
print(f"5 persons: mean / standard deviation {d:.4f}, from_t_one_sample {one:.4f}, from_t_paired {paired:.4f}")
same = all(np.isclose(z, 4 / np.sqrt(200), atol=1e-5) and np.isclose(t, r, atol=1e-5) for z, t, r in own)
single = np.isclose(one / d, np.sqrt(5 / 4), atol=1e-4) and np.isclose(paired, d, atol=1e-4)
sys.exit(0 if same and back < 0.4 and single else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
