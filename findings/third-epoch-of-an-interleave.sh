#!/usr/bin/env bash
# The third epoch of a repeated grain interleave leaves some files out and reads others twice; the second is right.
#
# Date: 2026-12-01
#
# Versions: grain 0.2.18, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   InterleaveIterDataset reads several files at a time, and RepeatIterDataset runs it for some epochs. Its docstring
#   says that each epoch is identical, so that three epochs of 16 examples are 48, each example three times.
#
#   The second epoch is as the first, and the third begins at other files: with five files of 2, 3, 4, 1 and 6 examples,
#   of which two are read at a time, the third epoch leaves the first two files out, reads the third and the last one
#   twice, and has 21 examples, not 16. One file after the other, which is cycle_length=1, leaves the first file out as
#   well. It is right only where all files are read at a time. Nothing warns, and the number of examples may even be
#   right, as with four files of 4: there two files are read twice, and two not at all. A data set of many shards that
#   is trained on for some epochs is so weighted by the position of a shard.
#
#   It is the same by hand: a state that was handed to set_state is changed by the iteration after it, so it is another
#   one when it is used again. A copy.deepcopy of it for each set_state is right, and so is a new iterator for each
#   epoch.
#
#   The source: `set_state` in grain/_src/python/dataset/transformations/interleave.py keeps the list
#   `iterators_in_use_indices` of the state that it is given, without a copy, and the iteration writes to that list.
#   RepeatDatasetIterator hands the state of the start to it after each epoch.
#
# Output seen:
#   files of 2, 3, 4, 1, 6 examples, 2 at a time: 16, 16, 21 examples
#      epoch 3: counts by file [0, 0, 8, 1, 12]
#   files of 5, 3, 4 examples, 1 at a time: 12, 12, 11 examples
#      epoch 3: counts by file [0, 3, 8]
#   files of 4, 4, 4, 4 examples, 2 at a time: 16, 16, 16 examples
#      epoch 3: counts by file [0, 0, 8, 8]
#   files of 4, 4, 4, 4 examples, 4 at a time: 16, 16, 16 examples
#      epoch 3: counts by file [4, 4, 4, 4]
#   one state, set three times:        as the first epoch: [True, False, False]
#   a copy of it, set three times:     as the first epoch: [True, True, True]
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
packages=('grain==0.2.18' 'numpy==2.5.5')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

cat >"$folder/program.py" <<'PROGRAM'
import copy
import itertools
import sys

import grain
from grain.experimental import InterleaveIterDataset, RepeatIterDataset


def interleave(sizes, at_a_time):
    """A data set of some files: the examples of file 2 are 200, 201, and so on."""
    files = [grain.MapDataset.range(100 * i, 100 * i + size).to_iter_dataset() for i, size in enumerate(sizes)]
    return InterleaveIterDataset(files, cycle_length=at_a_time)


def epochs(sizes, at_a_time):
    """The counts of the files in each of three epochs."""
    once, both, three = (
        list(RepeatIterDataset(interleave(sizes, at_a_time), count) if count > 1 else interleave(sizes, at_a_time))
        for count in (1, 2, 3)
    )
    assert three[: len(both)] == both and both[: len(once)] == once
    parts = once, both[len(once) :], three[len(both) :]
    return [[sum(example // 100 == i for example in part) for i in range(len(sizes))] for part in parts]


good = True
for sizes, at_a_time, same in (
    ((2, 3, 4, 1, 6), 2, False),
    ((5, 3, 4), 1, False),
    ((4, 4, 4, 4), 2, False),
    ((4, 4, 4, 4), 4, True),
):
    first, second, third = epochs(sizes, at_a_time)
    files = ", ".join(map(str, sizes))
    print(f"files of {files} examples, {at_a_time} at a time: {sum(first)}, {sum(second)}, {sum(third)} examples")
    print(f"   epoch 3: counts by file {third}")
    good = good and first == second == list(sizes) and (third == first) == same


def by_hand(copied):
    """Whether the data come again as in the first epoch, with one state for three rounds."""
    iterator = iter(interleave((5, 3, 4), 2))
    start = iterator.get_state()
    rounds = []
    for _ in range(3):
        iterator.set_state(copy.deepcopy(start) if copied else start)
        rounds.append(list(itertools.islice(iterator, 100)))
    return [part == list(interleave((5, 3, 4), 2)) for part in rounds]


kept, copied = by_hand(False), by_hand(True)
print("one state, set three times:        as the first epoch:", kept)
print("a copy of it, set three times:     as the first epoch:", copied)
sys.exit(0 if good and not all(kept) and all(copied) else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
