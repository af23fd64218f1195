#!/usr/bin/env bash
# traceax estimates the trace 100 as 0 with complex normal probes, which it offers; with real ones it is right.
#
# Date: 2026-11-30
#
# Versions: traceax 1.0.2, lineax 0.1.1, equinox 0.13.8, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   A trace is estimated from products of a matrix with random vectors. Each sampler of traceax takes a dtype, and its
#   docstring offers complex normal vectors as an example, as NormalSampler(complex). Such vectors are known to halve
#   the variance of the estimate. Each estimator takes any sampler.
#
#   The estimate is about 0, for each matrix, with complex vectors of NormalSampler and SphereSampler, and with each of
#   HutchinsonEstimator, HutchPlusPlusEstimator and XTraceEstimator. XNysTraceEstimator gives NaN. No error or warning
#   tells. The standard error that XTraceEstimator returns does not show it. RademacherSampler(complex) is right, as its
#   vectors have no imaginary part.
#
#   The source: the estimators in traceax/_estimators.py multiply the transpose of a vector with its image, and never
#   the conjugate of the transpose. The square of a complex normal number is 0 on the average, and its absolute square
#   is 1.
#
# Output seen:
#   trace 99.6              real probes    complex probes
#   Hutchinson, Normal             99.5          0.3+0.3j
#   Hutchinson, Sphere             99.6          0.4+0.3j
#   Hutchinson, Rademacher        100.0        100.0+0.0j
#   HutchPlusPlus, Normal          99.2          0.8+0.4j
#   HutchPlusPlus, Sphere          99.0          0.6+0.4j
#   HutchPlusPlus, Rademacher      99.2         99.2+0.0j
#   XTrace, Normal                100.8          0.6+0.2j
#   XTrace, Sphere                100.6          0.5+0.3j
#   XTrace, Rademacher             99.5         99.5+0.0j
#   XNysTrace, Normal                            nan+0.0j
#   conjugated by hand, Normal                  99.5-0.0j
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
packages=('traceax==1.0.2' 'lineax==0.1.1' 'equinox==0.13.8' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
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
import lineax
import numpy as np
import traceax

size, probes, seeds = 100, 60, 20
root = np.random.default_rng(0).normal(size=(size, size))
matrix = root @ root.T / size
trace = np.trace(matrix)
operator = lineax.MatrixLinearOperator(jnp.array(matrix, jnp.float32), lineax.positive_semidefinite_tag)
samplers = traceax.NormalSampler, traceax.SphereSampler, traceax.RademacherSampler
estimators = traceax.HutchinsonEstimator, traceax.HutchPlusPlusEstimator, traceax.XTraceEstimator
seen = {}
print(f"trace {trace:.1f}              real probes    complex probes")
for estimator in estimators:
    for sampler in samplers:
        row = []
        for kind in (float, complex):
            keys = jax.random.split(jax.random.key(0), seeds)
            row.append(np.mean([estimator(sampler(kind)).estimate(key, operator, probes)[0] for key in keys]))
        seen[estimator, sampler] = row
        names = estimator.__name__.removesuffix("Estimator") + ", " + sampler.__name__.removesuffix("Sampler")
        print(f"{names:26}{row[0]:9.1f}{complex(row[1]):18.1f}")
        vector = np.asarray(sampler(complex)(jax.random.key(0), size, 10_000)).astype(complex)
        assert abs((abs(vector) ** 2).mean() - 1) < 0.02
xnystrace = traceax.XNysTraceEstimator(traceax.NormalSampler(complex)).estimate(jax.random.key(0), operator, probes)[0]
print(f"{'XNysTrace, Normal':35}{complex(xnystrace):18.1f}")
# What the same probes give if they are conjugated, as their covariance asks.
vector = traceax.NormalSampler(complex)(jax.random.key(0), size, 10_000)
by_hand = complex(jnp.sum(vector.conj() * jax.vmap(operator.mv, 1, 1)(vector)) / 10_000)
print(f"{'conjugated by hand, Normal':35}{by_hand:18.1f}")
right = all(abs(row[0] - trace) < 3 for row in seen.values()) and abs(by_hand - trace) < 1
drawn = [row[1] for (_, sampler), row in seen.items() if sampler is not traceax.RademacherSampler]
rademacher = [row[1] for (_, sampler), row in seen.items() if sampler is traceax.RademacherSampler]
right &= all(abs(each - trace) < 3 for each in rademacher)
sys.exit(0 if right and len(drawn) == 6 and all(abs(each) < 10 for each in drawn) and np.isnan(xnystrace) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
