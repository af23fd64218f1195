#!/usr/bin/env bash
# optax.losses.kl_divergence_with_log_targets is NaN for a teacher that rules out a token, where kl_divergence is right.
#
# Date: 2026-11-29
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, optax 0.2.8, Python 3.12, CPU.
#
# Behaviour:
#   A teacher that masks a token has the log-probability -inf for it. The divergence of the teacher from a student is
#   defined there: the term 0 * log(0 / q) is 0, which kl_divergence says in its source and computes. One expects the
#   same number from kl_divergence_with_log_targets, which takes the logarithm of the same targets.
#
#   It is NaN. If teacher and student both mask the token, as a constrained decoder does, both functions are NaN, and so
#   is generalized_kl_divergence: a distribution has no divergence from itself. The gradients of the student are right
#   all the same, so that the training goes on while its log says NaN, and a step that is skipped if the loss is not
#   finite is skipped for ever.
#
#   The source: `kl_divergence_with_log_targets` in optax/losses/_classification.py computes `jnp.exp(log_targets) *
#   (log_targets - log_predictions)`, which is 0 * -inf; `kl_divergence` replaces the logarithm of a target of 0 by 0,
#   and then multiplies 0 with the inf of the prediction.
#
# Output seen:
#                             right  kl_divergence  generalized  with_log_targets   gradients of the student
#   no token is masked        0.3150         0.3150       0.3150            0.3150   right, right, right
#   the teacher masks one     0.4153         0.4153       0.4153               nan   right, right, right
#   both mask it              0.1873            nan          nan               nan   right, right, right
#   the teacher and itself    0.0000            nan          nan               nan   right, right, right
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5' 'optax==0.2.8')
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
import optax

free = np.array([1.0, 2.0, 0.5, -1.0], np.float32)
masked = np.where(np.arange(4) == 3, -np.inf, free).astype(np.float32)
student = np.array([0.0, 1.0, 1.0, 0.5], np.float32)
student_masked = np.where(np.arange(4) == 3, -np.inf, student).astype(np.float32)
CASES = {
    "no token is masked": (student, free),
    "the teacher masks one": (student, masked),
    "both mask it": (student_masked, masked),
    "the teacher and itself": (masked, masked),
}


def right(student, teacher):
    p, q = (np.exp(np.float64(x)) / np.exp(np.float64(x)).sum() for x in (teacher, student))
    return float((p[p > 0] * np.log(p[p > 0] / q[p > 0])).sum())


def plain(student, teacher):
    return optax.losses.kl_divergence(jax.nn.log_softmax(student), jax.nn.softmax(teacher))


def generalized(student, teacher):
    return optax.losses.generalized_kl_divergence(jax.nn.log_softmax(student), jax.nn.softmax(teacher))


def logs(student, teacher):
    return optax.losses.kl_divergence_with_log_targets(jax.nn.log_softmax(student), jax.nn.log_softmax(teacher))


seen = {}
print("                          right  kl_divergence  generalized  with_log_targets   gradients of the student")
for name, (student, teacher) in CASES.items():
    student, teacher = jnp.asarray(student), jnp.asarray(teacher)
    values = [float(f(student, teacher)) for f in (plain, generalized, logs)]
    slope = jax.nn.softmax(student) - jax.nn.softmax(teacher)
    slopes = [jax.grad(f)(student, teacher) for f in (plain, generalized, logs)]
    gradients = [bool(jnp.allclose(found, slope, atol=1e-5)) for found in slopes]
    seen[name] = right(student, teacher), values, gradients
    text = ["right" if right_one else "wrong" for right_one in gradients]
    print(f"{name:24} {seen[name][0]:7.4f} {values[0]:14.4f} {values[1]:12.4f} {values[2]:17.4f}   {', '.join(text)}")

free = seen["no token is masked"]
teacher = seen["the teacher masks one"]
agree = np.allclose(free[1], free[0], atol=1e-5) and all(free[2])
sibling = abs(teacher[1][0] - teacher[0]) < 1e-5 and np.isnan(teacher[1][2]) and all(teacher[2])
both = np.isnan(seen["both mask it"][1]).all() and np.isnan(seen["the teacher and itself"][1]).all()
sys.exit(0 if agree and sibling and both else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
