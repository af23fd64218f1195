#!/usr/bin/env bash
# The condition of jax.lax.while_loop never sees what the body writes to a reference: under jax.jit the loop runs on.
#
# Date: 2026-11-30
#
# Versions: jax 0.12.0.1, jaxlib 0.12.0.1, numpy 2.5.5, Python 3.12, CPU. jax 0.10.2 gives the same numbers.
#
# Behaviour:
#   A solver halves its residual in each trip, and stops once that is 1 or less, or after 100 trips. The residual stands in
#   an array reference (jax.new_ref), which the condition reads and the body writes; both functions close over it. A read of
#   a reference gives what was written last, in the order of the program, so one expects three trips from a residual of 8.
#   The page on array references has no word of a condition; it says that one reference may not be passed twice.
#
#   In jax.jit the loop makes all 100 trips: the condition reads the residual of before the loop in each of them. Without
#   the bound of 100 it would not end. What the body writes and reads is right, and the reference holds what 100 trips
#   make of it. Nothing is said. Called as it is, without jax.jit, the same loop is refused: "only one reference to a
#   mutable array may be passed as an argument to a function", though the program passes none. So it is where both
#   functions only read the reference, which jax.jit runs rightly. With the residual in the carry all is right, and with a
#   flag that the body returns as well.
#
#   The source: jax/_src/lax/control_flow/loops.py. `while_loop` closes each of its functions over its own constants, so
#   that one reference is an operand of the primitive twice. `_while_discharge_rule` asks whether both functions write to
#   one reference, and not whether one reads what the other writes: the body's becomes a part of the carry, and the
#   condition's stays the constant that it is given.
#
# Output seen:
#                                       jax.jit                     as it is
#   the residual is in a reference      100 trips, left 6.31e-30    ValueError
#   ... and the body returns a flag     3 trips, left 1             3 trips, left 1
#   the residual is in the carry        3 trips, left 1             3 trips, left 1
#   both functions only read it         3 trips, left 8             ValueError
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
packages=('jax==0.12.0.1' 'jaxlib==0.12.0.1' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
"$folder/venv/bin/python" - <<'PROGRAM'
import sys

import jax
import jax.numpy as jnp

MOST = 100


def in_a_reference(residual):
    def body(trip):
        residual[...] = residual[...] / 2
        return trip + 1

    return jax.lax.while_loop(lambda trip: (residual[...] > 1) & (trip < MOST), body, 0)


def with_a_flag(residual):
    def body(carry):
        trip, _ = carry
        residual[...] = residual[...] / 2
        return trip + 1, residual[...] > 1

    start = 0, jnp.array(True)
    return jax.lax.while_loop(lambda carry: carry[1] & (carry[0] < MOST), body, start)[0]


def in_the_carry(residual):
    def body(carry):
        return carry[0] + 1, carry[1] / 2

    start = 0, residual[...]
    trips, left = jax.lax.while_loop(lambda c: (c[1] > 1) & (c[0] < MOST), body, start)
    residual[...] = left
    return trips


def only_read(residual):
    def body(trip):
        return trip + jnp.astype(residual[...] > 1, int)

    return jax.lax.while_loop(lambda trip: (residual[...] > 1) & (trip < 3), body, 0)


def told(program, compiled):
    residual = jax.new_ref(jnp.array(8.0))
    call = jax.jit(lambda: program(residual)) if compiled else lambda: program(residual)
    try:
        trips = int(call())
    except ValueError as error:
        return "ValueError" if "only one reference to a mutable array" in str(error) else str(error)
    return f"{trips} trips, left {float(residual[...]):.3g}"


PROGRAMS = {
    "the residual is in a reference": (in_a_reference, "100 trips, left 6.31e-30", "ValueError"),
    "... and the body returns a flag": (with_a_flag, "3 trips, left 1", "3 trips, left 1"),
    "the residual is in the carry": (in_the_carry, "3 trips, left 1", "3 trips, left 1"),
    "both functions only read it": (only_read, "3 trips, left 8", "ValueError"),
}

print(f"{'':35} {'jax.jit':27} as it is")
as_stated = True
for name, (program, *expected) in PROGRAMS.items():
    seen = [told(program, True), told(program, False)]
    print(f"{name:35} {seen[0]:27} {seen[1]}")
    as_stated &= seen == expected
sys.exit(0 if as_stated else 1)
PROGRAM
