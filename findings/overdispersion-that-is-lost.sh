#!/usr/bin/env bash
# glmax fits negative binomial counts as Poisson ones: an overdispersion of 1 becomes 2e-7, and errors are too small.
#
# Date: 2026-11-30
#
# Versions: glmax 0.1.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, statsmodels 0.15.0, Python 3.12, CPU.
#
# Behaviour:
#   A negative binomial regression is for counts that vary more than Poisson ones. Its overdispersion, alpha, is
#   fitted together with the coefficients. glmax's NegativeBinomial says that each iteration updates it by a Newton
#   step.
#
#   With the defaults the fit ends at an alpha below 1e-6, if the data have 0.3 or more, and says that it converged.
#   The result is a Poisson regression. The standard errors are too small by the factor 0.6 for an alpha of 1, so a
#   coefficient looks certain that is not. With an alpha of 0.1, where the fit starts, it is near what statsmodels
#   has. Starting at the right alpha gives it back.
#
#   The source: `update_nuisance` of NegativeBinomial in glmax/family/dist.py takes a Newton step for log(alpha)
#   whatever the sign of the second derivative. The likelihood is not convex in log(alpha) far below the best alpha,
#   and there the step goes away from it. The loop ends once the likelihood changes by less than 0.001, which it does
#   at the bottom too.
#
# Output seen:
#   true alpha   alpha of glmax   statsmodels   from the right start   converged   error of a coefficient
#                                                                                  glmax   statsmodels
#          0.1        0.0992628         0.099                  0.099        True       0.0373        0.0373
#          0.3        0.0000003         0.319                  0.319        True       0.0342        0.0432
#          0.5        0.0000003         0.516                  0.516        True       0.0349        0.0477
#          1.0        0.0000002         1.001                  1.001        True       0.0338        0.0570
#          2.0        0.0000001         1.911                  1.911        True       0.0348        0.0726
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
packages=('glmax==0.1.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'statsmodels==0.15.0')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import glmax
import jax
import jax.numpy as jnp
import numpy as np
import statsmodels.api as sm

jax.config.update("jax_enable_x64", True)
N = 2000
rng = np.random.default_rng(0)
columns = np.c_[np.ones(N), rng.normal(size=(N, 2)) / 2]
mean = np.exp(columns @ np.array([0.5, 0.4, -0.3]))
seen = {}
print("true alpha   alpha of glmax   statsmodels   from the right start   converged   error of a coefficient")
print("                                                                               glmax   statsmodels")
for alpha in (0.1, 0.3, 0.5, 1.0, 2.0):
    counts = rng.negative_binomial(1 / alpha, 1 / (1 + alpha * mean)).astype(float)
    fit = glmax.fit(glmax.NegativeBinomial(), columns, counts)
    other = sm.NegativeBinomial(counts, columns).fit(disp=0)
    start = glmax.Params(beta=jnp.asarray(other.params[:3]), disp=jnp.array(1.0), aux=jnp.array(other.params[3]))
    again = glmax.fit(glmax.NegativeBinomial(), columns, counts, init=start)
    row = [float(fit.params.aux), other.params[3], float(again.params.aux), bool(fit.converged)]
    row += [float(glmax.infer(fit).se[1]), other.bse[1]]
    seen[alpha] = row
    print(f"{alpha:10.1f}{row[0]:17.7f}{row[1]:14.3f}{row[2]:23.3f}{row[3]!s:>12}{row[4]:13.4f}{row[5]:14.4f}")
lost = all(seen[a][0] < 1e-3 and seen[a][3] and seen[a][4] < 0.9 * seen[a][5] for a in (0.3, 0.5, 1.0, 2.0))
right = all(abs(row[2] / row[1] - 1) < 0.01 and abs(row[1] / a - 1) < 0.3 for a, row in seen.items())
sys.exit(0 if lost and right else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
