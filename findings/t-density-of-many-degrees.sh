#!/usr/bin/env bash
# jax.scipy.stats.t.pdf is 2.5 times the normal density from ten million degrees of freedom on.
#
# Date: 2026-11-28
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   With many degrees of freedom Student's t is the normal distribution. A robust regression learns the degrees
#   of freedom, and on data without outliers they grow, so one expects the likelihood to settle at the normal one.
#
#   It does not: the log density at 1 wanders from 1e4 degrees on, falls to -1.50 at 1e6, and is -0.50 from 1e7
#   on, where -1.42 is right. So the density is 2.5 times too large, and a likelihood that is a sum over a
#   thousand points gains a thousand times 0.92 by letting the degrees grow past 1e6. logpdf
#   (jax/_src/scipy/stats/t.py) is a difference of lgamma(df/2) and lgamma((df + 1)/2), which in float32 are equal
#   or one unit of the last place apart. The gradient by df comes from digamma, has the right sign, and does not
#   show the jump. beta.logpdf, dirichlet.logpdf and betabinom.logpmf cancel in the same way: a log probability
#   of betabinom comes out as 133.
#
# Output seen:
#   df     t.logpdf(1, df)   right
#   1e3       -1.419439   -1.419438
#   1e4       -1.414088   -1.418989
#   1e5       -1.437503   -1.418944
#   1e6       -1.500000   -1.418939
#   1e7       -0.500000   -1.418939
#   1e8       -0.500000   -1.418939
#   normal: -1.4189385175704956
#   betabinom.logpmf(5, 10, 1e8, 1e8): 133.52943420410156  right: -1.402
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

from jax.scipy.stats import betabinom, norm, t
from scipy import stats

print("df     t.logpdf(1, df)   right")
got = {}
for power in (3, 4, 5, 6, 7, 8):
    df = 10.0**power
    got[power] = float(t.logpdf(1.0, df))
    print(f"1e{power}  {got[power]:14.6f}  {stats.t.logpdf(1.0, df):10.6f}")
print("normal:", float(norm.logpdf(1.0)))
mass = float(betabinom.logpmf(5, 10, 1e8, 1e8))
print("betabinom.logpmf(5, 10, 1e8, 1e8):", mass, " right:", round(float(stats.betabinom.logpmf(5, 10, 1e8, 1e8)), 4))
sys.exit(0 if got[7] > -0.6 and got[6] < -1.45 and mass > 0 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
