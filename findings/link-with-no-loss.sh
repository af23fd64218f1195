#!/usr/bin/env bash
# queuinx loses no packet in a buffer of 4 if its upper bound is 4, where 47% are lost; with a bound of 5 it is right.
#
# Date: 2026-11-30
#
# Versions: queuinx 0.0.3, jax 0.11.1, jaxlib 0.11.1, numpy 2.5.5, chex 0.1.92, distrax 0.1.9, jaxopt 0.8.5, Python
#   3.12, CPU.
#
# Behaviour:
#   queuinx models a network of queues with finite buffers, M/M/1/B. Its functions take a buffer_upper_bound, a
#   "statically known upper bound on the buffer" that only serves to give arrays a shape. With more bound than needed
#   the results are to be the same. A buffer of b holds up to b packets, and one that is full loses what arrives.
#
#   With a bound that equals the buffer, as a network of equal buffers has, FiniteApproximationJackson lets each packet
#   pass: the loss is 0 for a link of 180% load. With one more it is 0.469, as the formula of the M/M/1/B queue has. The
#   delay of Readout_mm1b is the same for both bounds, so one argument is inclusive there and exclusive here. With a
#   smaller bound no error is raised either.
#
#   The source: `StationarySystem` in queuinx/queuing_theory/mm1b.py has the states 0 to buffer_upper_bound - 1, so the
#   full state of such a buffer is missing; the probability of that state is then 0 for distrax. `delay_distribution`
#   below it needs one state less.
#
# Output seen:
#   buffer_upper_bound   loss   delay in milliseconds
#                    4  0.000                   31.71
#                    5  0.469                   31.71
#                    6  0.469                   31.71
#                   20  0.469                   31.71
#   loss of an M/M/1/B queue by its formula: 0.469
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
  'queuinx==0.0.3' 'jax==0.11.1' 'jaxlib==0.11.1' 'numpy==2.5.5' 'chex==0.1.92' 'distrax==0.1.9' 'jaxopt==0.8.5'
)
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
from queuinx import FiniteApproximationJackson, FiniteFifo, Network, PoissonFlow, Readout_mm1b

LOAD, SERVICE, BUFFER = 180.0, 100.0, 4.0


def network(rate):
    """Two flows, each over a link of its own."""
    two = jnp.ones(2)
    queue = FiniteFifo(b=BUFFER * two, service_rate=SERVICE * two, arrivals=0 * two, pasprob=two)
    return Network(
        queues=queue,
        flows=PoissonFlow(rate=rate * two),
        flow=jnp.array([0, 1]),
        step=jnp.array([0, 0]),
        queue=jnp.array([0, 1]),
        n_flows=jnp.array([2]),
        max_path_length_mask=jnp.ones((1, 1)),
        n_queues=jnp.array([2]),
        n_routes=jnp.array([2]),
    )


rho = LOAD / SERVICE
states = rho ** np.arange(BUFFER + 1)
right = states[-1] / states.sum()
seen = {}
print("buffer_upper_bound   loss   delay in milliseconds")
for bound in (4, 5, 6, 20):
    result = FiniteApproximationJackson(bound)(network(LOAD))
    quality = Readout_mm1b(bound)(result)
    seen[bound] = float(1 - result.queues.pasprob[0]), 1000 * float(quality.flows.delay[0])
    print(f"{bound:18}{seen[bound][0]:7.3f}{seen[bound][1]:24.2f}")
print(f"loss of an M/M/1/B queue by its formula: {right:.3f}")
wide = all(abs(seen[bound][0] - right) < 1e-3 for bound in (5, 6, 20))
same = all(abs(seen[bound][1] - seen[20][1]) < 1e-2 for bound in (4, 5, 6))
sys.exit(0 if seen[4][0] == 0 and wide and same else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
