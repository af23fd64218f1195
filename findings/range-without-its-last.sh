#!/usr/bin/env bash
# datarax.RangeSampler from 0 to 10 in steps of 3 gives 0, 3 and 6, where Python's range has the 9 as well.
#
# Date: 2026-11-30
#
# Versions: datarax 0.1.17, jax 0.11.1, jaxlib 0.11.1, flax 0.12.12, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   datarax's RangeSampler is "similar to Python's built-in range()", by its docstring, with a start that is included, a
#   stop that is not, and a step.
#
#   It leaves the last element out whenever the step does not divide the length: every third record of ten is 0, 3, 6,
#   and every seventh of a million ends one before the last. A range of one element, from 0 to 2 in steps of 3, is
#   refused as empty. `create_static`, `get_length_static` and a negative step do the same. With step=1 all is right.
#
#   The source: datarax/samplers/range_sampler.py takes `int((stop - start) / step)` for the length, which rounds down,
#   where the length of a range is rounded up.
#
# Output seen:
#   start, stop, step          datarax: length, last         range: length, last
#   (0, 10, 1)                                     10, 9                       10, 9
#   (0, 10, 2)                                      5, 8                        5, 8
#   (0, 10, 3)                                      3, 6                        4, 9
#   (10, 0, -3)                                     3, 4                        4, 1
#   (0, 1000000, 7)                       142857, 999992              142858, 999999
#   (0, 2, 3)                             would be empty                        1, 0
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
packages=('datarax==0.1.17' 'jax==0.11.1' 'jaxlib==0.11.1' 'flax==0.12.12' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

from datarax.samplers.range_sampler import RangeSampler, RangeSamplerConfig

CASES = [(0, 10, 1), (0, 10, 2), (0, 10, 3), (10, 0, -3), (0, 1_000_000, 7), (0, 2, 3)]
seen = {}
print("start, stop, step          datarax: length, last         range: length, last")
for case in CASES:
    right = list(range(*case))
    try:
        sampler = RangeSampler(RangeSamplerConfig(start=case[0], stop=case[1], step=case[2]))
        own = list(sampler)
        assert len(sampler) == len(own) == RangeSampler.get_length_static(*case)
        assert own == list(RangeSampler.create_static(*case))
        text = f"{len(own):9}, {own[-1]}"
    except ValueError as error:
        own, text = None, str(error).split("step=3 ")[1]
    seen[case] = own, right
    print(f"{case!s:26}{text:>26}{f'{len(right)}, {right[-1]}':>28}")
whole = all(seen[case][0] == seen[case][1] for case in CASES[:2])
short = all(seen[case][0] == seen[case][1][:-1] for case in CASES[2:5])
sys.exit(0 if whole and short and seen[0, 2, 3][0] is None else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
