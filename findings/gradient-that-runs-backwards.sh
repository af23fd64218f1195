#!/usr/bin/env bash
# Gradients of korvax's time-varying filters are reversed in time, or one sample off, or 0 through the state.
#
# Date: 2026-11-30
#
# Versions: korvax 0.3.0, jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, scipy 1.18.1, Python 3.12, CPU.
#
# Behaviour:
#   korvax.filter.ltv has filters with other coefficients for each sample, and korvax says that all of it can be
#   differentiated. allpole takes the outputs before the start as zi, or none, which means zeros. lfilter gives its
#   final conditions back with return_zi, for the next block of a long signal. Their values are right, those of allpole
#   in jax.vmap.
#
#   The gradient of allpole by its input is reversed in time if zi is not given, so a model in front of it learns from
#   the mirror image; with zi=zeros it is right. With zi the gradients by its two elements change places, and those by
#   the first coefficients are wrong if it is not zero. The gradients of lfilter by its input and its coefficients are
#   wrong if the coefficients vary, which is its purpose. They are 0 through the final conditions, so what a block says
#   of the one before is lost, and those by zi are wrong too. The derivatives of loops of Python are compared.
#
#   The source: in korvax/filter/ltv.py, `allpole_bwd` turns its result round again only where zi is not None, and reads
#   zi with the newest sample first, where `allpole` has the oldest first. `_recurrence_bwd`, for lfilter, rolls the
#   matrices by one sample too many, drops the gradient of the last state, and that of the first one as an output.
#
# Output seen:
#   largest error of a derivative by    the input   coefficients     zi
#   allpole                                  3.08           0.00
#   allpole, reversed in time                0.00           0.00
#   allpole, zi = (0, 0)                     0.00           0.00   1.34
#   allpole, zi = (0.7, -0.3)                0.00           2.73   1.34
#   lfilter, the same coefficients           0.00           0.00   0.53
#   lfilter, others for each sample          0.37           0.43   0.88
#   lfilter, by its final conditions         1.06           2.00   0.00
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
packages=('korvax==0.3.0' 'jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'scipy==1.18.1')
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
from korvax.filter import ltv

SIZE = 12
rng = np.random.default_rng(0)
signal, weights = jnp.asarray(rng.normal(size=(2, SIZE)), jnp.float32)
poles = jnp.asarray(np.tile([-0.5, 0.2], (SIZE, 1)) + rng.normal(0, 0.3, size=(SIZE, 2)), jnp.float32)
zeros, start = jnp.zeros(2), jnp.array([0.7, -0.3])


def recursion(x, a, zi=None):
    """The same filter as a loop of Python; zi holds the last two outputs before the start, the oldest first."""
    y = [0.0, 0.0] if zi is None else list(zi)
    for t in range(SIZE):
        y.append(x[t] - a[t, 0] * y[-1] - a[t, 1] * y[-2])
    return jnp.stack(y[2:])


def allpole(*args):
    return jax.vmap(ltv.allpole)(*(arg[None] for arg in args))[0]


def direct_form(x, a, zi):
    """lfilter in direct form II with b = 1: the state holds the last two outputs, the newest first."""
    state, y = list(zi), []
    for t in range(SIZE):
        new = x[t] - a[t, 0] * state[0] - a[t, 1] * state[1]
        y.append(new)
        state = [new, state[0]]
    return jnp.stack(y), jnp.stack(state)


def lfilter(x, a, zi):
    return ltv.lfilter(x, a, zi=zi, return_zi=True)


def show(name, ours, right, flip=False):
    ours = (ours[0][::-1], *ours[1:]) if flip else ours
    errors = [float(jnp.abs(u - r).max()) for u, r in zip(ours, right)]
    print(f"{name:36}" + "".join(f"{error:{width}.2f}" for error, width in zip(errors, (9, 15, 7))))
    return errors


def gradients(function, loss, *args):
    return jax.grad(lambda *args: loss(function(*args)), tuple(range(len(args))))(*args)


def by_output(out):
    return jnp.dot(weights, out[0] if isinstance(out, tuple) else out)


def by_state(out):
    return out[1].sum()


same = [jnp.abs(allpole(*args) - recursion(*args)).max() for args in ((signal, poles), (signal, poles, start))]
for mine, other in zip(lfilter(signal, poles, start), direct_form(signal, poles, start)):
    same.append(jnp.abs(mine - other).max())
print("largest error of a derivative by    the input   coefficients     zi")
pair = [gradients(function, by_output, signal, poles) for function in (allpole, recursion)]
plain = show("allpole", *pair)
mirror = show("allpole, reversed in time", *pair, flip=True)
rows = {}
for name, zi in (("(0, 0)", zeros), ("(0.7, -0.3)", start)):
    pair = [gradients(function, by_output, signal, poles, zi) for function in (allpole, recursion)]
    rows[name] = show(f"allpole, zi = {name}", *pair)
cases = (
    ("lfilter, the same coefficients", jnp.tile(poles[:1], (SIZE, 1)), zeros, by_output),
    ("lfilter, others for each sample", poles, zeros, by_output),
    ("lfilter, by its final conditions", poles, zeros, by_state),
)
for name, a, zi, loss in cases:
    pair = [gradients(function, loss, signal, a, zi) for function in (lfilter, direct_form)]
    rows[name] = show(name, *pair)
lost = all(not jnp.any(part) for part in pair[0]) and rows["lfilter, by its final conditions"][0] > 0.5
right = max(map(float, same)) < 1e-5 and max(mirror + rows["(0, 0)"][:2]) < 1e-4
right &= max(rows["lfilter, the same coefficients"][:2]) < 1e-4
wrong = plain[0] > 1 and rows["(0, 0)"][2] > 1 and rows["(0.7, -0.3)"][1] > 1
wrong &= min(rows["lfilter, others for each sample"]) > 0.1
sys.exit(0 if right and wrong and lost else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
