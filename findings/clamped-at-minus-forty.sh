#!/usr/bin/env bash
# jaxley's Hodgkin-Huxley channel is NaN at exactly -40 and -55 mV, where a voltage clamp or a start is often set.
#
# Date: 2026-11-30
#
# Versions: jaxley 0.14.0, tridiax 0.2.1, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, pandas 3.1.1, Python 3.12, CPU.
#
# Behaviour:
#   Two rates of the Hodgkin-Huxley model have the form x / (exp(x) - 1), which is 1 in the limit of x = 0. This is at
#   -40 mV for the gate m and at -55 mV for the gate n. A voltage clamp is set to a round voltage, and a simulation
#   starts at one.
#
#   At these two voltages the rate is NaN. A cell that starts at -55 mV or -40 mV has the voltage NaN in all steps. A
#   clamp at -40 mV makes the sodium gate NaN, while the voltage looks right, so that a curve of current against voltage
#   in steps of 5 mV loses two points. Nothing warns. 0.001 mV beside it all is right.
#
#   The source: `_vtrap` in jaxley/channels/hh.py divides x by exp(x / y) - 1 and does not treat x = 0.
#
# Output seen:
#                                        voltage        m        h        n
#   starts at -70 mV                     -75.485    0.014    0.291    0.570
#   starts at -56 mV                     -65.438    0.050    0.565    0.310
#   starts at -55 mV                         nan      nan      nan      nan
#   starts at -40 mV                         nan      nan      nan      nan
#   starts at -40.001 mV                 -67.141    0.040    0.563    0.316
#   clamped at -41 mV                    -41.000    0.474    0.073    0.641
#   clamped at -40 mV                    -40.000      nan    0.064    0.653
#   clamped at -39 mV                    -39.000    0.527    0.056    0.665
#   clamped at -55 mV                    -55.000    0.158    0.361      nan
#   alpha of m at -40.001, -40 and -39.999 mV: [1.        nan 1.0001]
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
packages=('jaxley==0.14.0' 'tridiax==0.2.1' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'pandas==3.1.1')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys
import warnings

import jax
import jax.numpy as jnp
import jaxley
import numpy as np
from jaxley.channels import HH

warnings.simplefilter("ignore")
jax.config.update("jax_enable_x64", True)


def run(start, clamp=None):
    """The last voltage and the last openness of the three gates after 10 ms."""
    cell = jaxley.Compartment()
    cell.insert(HH())
    cell.set("v", start)
    cell.init_states()
    for name in ("v", "HH_m", "HH_h", "HH_n"):
        cell.record(name, verbose=False)
    if clamp is not None:
        cell.clamp("v", jnp.full(402, clamp), verbose=False)
    return np.asarray(jaxley.integrate(cell, delta_t=0.025, t_max=10.0))[:, -1]


print("                                     voltage        m        h        n")
seen = {}
for name, start, clamp in (
    ("starts at -70 mV", -70.0, None),
    ("starts at -56 mV", -56.0, None),
    ("starts at -55 mV", -55.0, None),
    ("starts at -40 mV", -40.0, None),
    ("starts at -40.001 mV", -40.001, None),
    ("clamped at -41 mV", -70.0, -41.0),
    ("clamped at -40 mV", -70.0, -40.0),
    ("clamped at -39 mV", -70.0, -39.0),
    ("clamped at -55 mV", -70.0, -55.0),
):
    seen[name] = row = run(start, clamp)
    print(f"{name:35}" + "".join(f"{value:9.3f}" for value in row))
alpha = [float(HH.m_gate(voltage)[0]) for voltage in (-40.001, -40.0, -39.999)]
print("alpha of m at -40.001, -40 and -39.999 mV:", np.round(alpha, 4))
lost = all(np.isnan(seen[name][0]) for name in ("starts at -55 mV", "starts at -40 mV"))
lost &= np.isnan(seen["clamped at -40 mV"][1]) and np.isnan(seen["clamped at -55 mV"][3])
lost &= np.isnan(alpha[1]) and abs(alpha[0] - 1) + abs(alpha[2] - 1) < 1e-3
kept = all(np.isfinite(row).all() for name, row in seen.items() if "-40 mV" not in name and "-55 mV" not in name)
sys.exit(0 if lost and kept else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
