#!/usr/bin/env bash
# Window shuffling of grain loses examples of the last window and repeats others.
#
# Date: 2026-11-28
#
# Versions: grain 0.2.18, Python 3.12, CPU.
#
# Behaviour:
#   grain.experimental.WindowShuffleMapDataset shuffles within windows of a given size. Its docstring says
#   that each index corresponds to exactly one shuffled index, "a one-to-one mapping", so one expects an
#   epoch to hold each example once, as with shuffle.
#
#   That holds only where the length is a multiple of the window. _shuffled_index
#   (grain/_src/python/dataset/transformations/shuffle.py) permutes the last window as if it were full. An
#   index past the end is taken modulo the length, as in each MapDataset, so it reads an example of the first
#   window a second time, and an example of the last window is read by nobody. Nothing raises, and the number
#   of examples is right. Of 1,000 examples with a window of 300 some 70 are lost in an epoch. The iterator
#   version, WindowShuffleIterDataset, loses none.
#
# Output seen:
#   examples of 0 to 9 in windows of 4: [0, 3, 1, 2, 5, 6, 7, 4, 8, 1]
#   WindowShuffleMapDataset, 1000 in windows of 250: 1000 read, 0 lost
#   WindowShuffleMapDataset, 1000 in windows of 300: 1000 read, 72 lost
#   WindowShuffleMapDataset, 50000 in windows of 1024: 50000 read, 152 lost
#   WindowShuffleIterDataset, 1000 in windows of 250: 1000 read, 0 lost
#   WindowShuffleIterDataset, 1000 in windows of 300: 1000 read, 0 lost
#   WindowShuffleIterDataset, 50000 in windows of 1024: 50000 read, 0 lost
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
packages=('grain==0.2.18')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import grain


def epoch(kind, length, window):
    """The examples of one epoch, as a list."""
    data = grain.MapDataset.range(length)
    if kind is grain.experimental.WindowShuffleIterDataset:
        data = data.to_iter_dataset()
    return list(kind(data, window_size=window, seed=0))


print("examples of 0 to 9 in windows of 4:", epoch(grain.experimental.WindowShuffleMapDataset, 10, 4))
lost = {}
for kind in (grain.experimental.WindowShuffleMapDataset, grain.experimental.WindowShuffleIterDataset):
    for length, window in ((1000, 250), (1000, 300), (50_000, 1024)):
        examples = epoch(kind, length, window)
        lost[kind, window] = length - len(set(examples))
        print(f"{kind.__name__}, {length} in windows of {window}: {len(examples)} read, {lost[kind, window]} lost")
kinds = [[lost[kind, window] for window in (250, 300, 1024)] for kind in dict.fromkeys(kind for kind, _ in lost)]
right = kinds[0][0] == 0 and kinds[1] == [0, 0, 0]
sys.exit(0 if right and min(kinds[0][1:]) > 20 else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
