#!/usr/bin/env bash
# The second run of a script gets another result: with jaxlib 0.5.1 a loop out of the compilation cache does not run.
#
# Date: 2026-11-29
#
# Versions: jax 0.5.1, jaxlib 0.5.1; and jax 0.5.3, jaxlib 0.5.3; numpy 2.2.6, Python 3.11, CPU.
#
# Behaviour:
#   jax's persistent compilation cache (JAX_COMPILATION_CACHE_DIR) keeps compiled programs for the next process. A
#   program is the same whether it was compiled or loaded, so one expects the same result from the second run of a
#   script as from the first, and a warning where a kept program cannot be used.
#
#   With jaxlib 0.5.1 on the CPU the first run is right, and each later one leaves out every loop whose number of trips
#   is not known to XLA: jax.lax.while_loop, and jax.lax.fori_loop to a bound that is an argument. Such a loop returns
#   what it was given. Newton's method returns its first guess, and a count that starts at 0 stays 0. Nothing is said. A
#   scan, a fori_loop of a fixed number of trips, cond and map are right. jaxlib 0.5.0 and 0.5.3 are right in all.
#
#   The cause is in jaxlib's CPU runtime, which is compiled: what differs is only whether jax/_src/compiler.py compiles
#   (`backend_compile`) or loads (`get_executable_and_time` of jax/_src/compilation_cache.py). By default jax keeps
#   what took a second to compile, so a small script may be right for a long time; here all is kept.
#
# Output seen:
#   jaxlib 0.5.1, first run:  root 1.414  doublings 4  trips asked for 5  fixed trips 5  scan 10
#   jaxlib 0.5.1, second run: root 2.000  doublings 0  trips asked for 0  fixed trips 5  scan 10
#   jaxlib 0.5.3, first run:  root 1.414  doublings 4  trips asked for 5  fixed trips 5  scan 10
#   jaxlib 0.5.3, second run: root 1.414  doublings 4  trips asked for 5  fixed trips 5  scan 10
#
# Exit code: 0 if the behaviour is as stated, 1 if it has changed, 2 if the script cannot run.

set -euo pipefail

python=""
for name in python3.11 python3.12 python3.13 python3; do
  if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
    python=$("$name" -c 'import sys; print(sys.executable)')
    break
  fi
done
if [ -z "$python" ]; then
  echo "This script needs Python 3.11, 3.12 or 3.13, and none of them is on the PATH." >&2
  exit 2
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for release in 0.5.1 0.5.3; do
  packages=("jax==$release" "jaxlib==$release" 'numpy==2.2.6')
  if command -v uv >/dev/null; then
    uv venv -q -p "$python" "$folder/$release" && uv pip install -q -p "$folder/$release/bin/python" "${packages[@]}" || exit 2
  else
    "$python" -m venv "$folder/$release" && "$folder/$release/bin/pip" install -q "${packages[@]}" || exit 2
  fi
done

export JAX_PLATFORMS=cpu JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0 JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES=-1
cat >"$folder/program.py" <<'PROGRAM'
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def root(x):
    near = lambda y: jnp.abs(y * y - x) > 1e-5
    return lax.while_loop(near, lambda y: (y + x / y) / 2, x)


@jax.jit
def doublings(x):
    return lax.while_loop(lambda c: c[1] < 10, lambda c: (c[0] + 1, c[1] * 2), (0, x))[0]


count = jax.jit(lambda n: lax.fori_loop(0, n, lambda i, c: c + 1, 0))
fixed = jax.jit(lambda c: lax.fori_loop(0, 5, lambda i, c: c + 1, c))
total = jax.jit(lambda xs: lax.scan(lambda c, x: (c + x, None), 0, xs)[0])
print(
    f"root {root(2.0):.3f}  doublings {doublings(1)}  trips asked for {count(5)}"
    f"  fixed trips {fixed(0)}  scan {total(jnp.arange(5))}"
)
PROGRAM

right="root 1.414  doublings 4  trips asked for 5  fixed trips 5  scan 10"
wrong="root 2.000  doublings 0  trips asked for 0  fixed trips 5  scan 10"
changed=0
for release in 0.5.1 0.5.3; do
  for run in first second; do
    expected=$right
    if [ "$release $run" = "0.5.1 second" ]; then
      expected=$wrong
    fi
    export JAX_COMPILATION_CACHE_DIR="$folder/cache-$release"
    got=$("$folder/$release/bin/python" "$folder/program.py") || exit 2
    printf 'jaxlib %s, %-11s %s\n' "$release" "$run run:" "$got"
    if [ "$got" != "$expected" ]; then
      changed=1
    fi
  done
done
exit "$changed"
