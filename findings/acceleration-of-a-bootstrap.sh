#!/usr/bin/env bash
# statax's BCa interval has no acceleration, so it is the BC interval: the jackknife leaves out replicates, not data.
#
# Date: 2026-11-30
#
# Versions: statax 0.3.2, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   The BCa interval of the bootstrap (bias-corrected and accelerated) has an acceleration from the jackknife of the
#   data: the statistic without each one of them. For a mean that is the skewness of the data over 6 sqrt(n).
#
#   statax.bootstrap.BCaBootstrapper takes the jackknife of the bootstrap replicates, of which there are 2,000 and not
#   15, as if they were the data. For the mean of 15 waiting times its acceleration is 0.002, where 0.07 is right, and
#   its interval is that of BCBootstrapper, where scipy's is clearly wider above. It gets ever smaller with more
#   replicates: with 20,000 it is 0.0006.
#
#   The source: `BCaBootstrapper.resample` in statax/bootstrap/BCaBootstrapper.py calls
#   `jackknife.resample(self.replicates)` in the place of `jackknife.resample(data)`.
#
# Output seen:
#   data  replicates  acceleration   right  BCa of statax    BC of statax     BCa, data left out  BCa of scipy
#      0        2000        0.0018  0.0708  0.826 to 2.238   0.820 to 2.236   0.882 to 2.359   0.862 to 2.267
#      0       20000        0.0005  0.0708  0.815 to 2.175   0.814 to 2.175   0.866 to 2.300   0.871 to 2.307
#      1        2000        0.0019  0.1119  0.544 to 1.646   0.543 to 1.645   0.593 to 1.831   0.617 to 1.906
#      1       20000        0.0008  0.1119  0.563 to 1.694   0.563 to 1.693   0.607 to 1.910   0.606 to 1.893
#      2        2000        0.0011  0.0391  0.497 to 0.904   0.497 to 0.904   0.509 to 0.925   0.511 to 0.930
#      2       20000        0.0003  0.0391  0.500 to 0.910   0.500 to 0.909   0.510 to 0.926   0.505 to 0.924
#      3        2000        0.0015  0.0715  0.491 to 1.256   0.490 to 1.255   0.515 to 1.299   0.501 to 1.305
#      3       20000        0.0005  0.0715  0.488 to 1.259   0.488 to 1.258   0.515 to 1.325   0.513 to 1.311
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
packages=('statax==0.3.2' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'scipy==1.18.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import bootstrap, norm
from statax.bootstrap import BCaBootstrapper, BCBootstrapper
from statax.jackknife import JackKnife


def acceleration(values):
    gaps = np.asarray(values, float).mean() - np.asarray(values, float)
    return (gaps**3).sum() / (6 * (gaps**2).sum() ** 1.5)


def interval(data, boot, speed):
    """The formula of Efron, with statax's own replicates."""
    replicates = np.asarray(boot.replicates)
    shift = norm.ppf(np.mean(replicates <= float(boot.theta_hat)))
    tails = shift + norm.ppf([0.05, 0.95])
    return np.quantile(replicates, norm.cdf(shift + tails / (1 - speed * tails)))


rows = []
print("data  replicates  acceleration   right  BCa of statax    BC of statax     BCa, data left out  BCa of scipy")
for seed in range(4):
    data = np.random.default_rng(seed).exponential(size=15)
    for count in (2000, 20_000):
        found = []
        for kind in (BCaBootstrapper, BCBootstrapper):
            boot = kind(jnp.mean)
            boot.resample(jnp.array(data), count, jax.random.key(seed))
            found.append([float(end) for end in boot.ci(0.9)])
            if kind is BCaBootstrapper:
                own = acceleration(boot.jn_replicates)
        knife = JackKnife(jnp.mean)
        knife.resample(jnp.array(data))
        right = acceleration(knife.replicates)
        scipy = bootstrap((data,), np.mean, n_resamples=count, confidence_level=0.9, random_state=seed)
        rows.append((own, right, *found, interval(data, boot, right), list(scipy.confidence_interval)))
        texts = "    ".join(f"{low:5.3f} to {high:5.3f}" for low, high in rows[-1][2:])
        print(f"{seed:4}{count:12}{own:14.4f}{right:8.4f}  {texts.replace('    ', '   ')}")
small = all(abs(row[0]) < 0.1 * row[1] for row in rows)
same = all(abs(row[2][1] - row[3][1]) < 0.01 for row in rows)
wider = all(row[4][1] - row[2][1] > 0.015 for row in rows)
less = all(few[0] > 2 * many[0] for few, many in zip(rows[::2], rows[1::2]))
sys.exit(0 if small and same and wider and less else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
