#!/usr/bin/env bash
# Each shard of a grain data set augments its examples with the same random numbers.
#
# Date: 2026-11-28
#
# Versions: grain 0.2.18, numpy 2.5.5, Python 3.12, CPU.
#
# Behaviour:
#   The tutorial of grain calls slicing, dataset[shard_index::shard_count], "the easiest way to shard data
#   during distributed training", and random_map hands each example a random generator of its own. So one
#   expects that the crops and flips of a batch are independent, whichever process made which part of it.
#
#   The generator is seeded by the seed and by the position of the example in the data set that random_map is
#   applied to. After a slice the positions of each shard begin at 0, so the examples at one position of all
#   shards get the same generator: with 8 processes a batch has an eighth of the randomness, and its noise
#   does not average out. With one seed and one order of the data the remedy is to slice after random_map, or
#   to give each shard a seed. grain.DataLoader, which seeds by the record, has no such repeats.
#
# Output seen:
#                            deviation of the mean of 8 shards, times the root of 8:
#   slice, then random_map   8000 draws, 1000 different, 2.94
#   random_map, then slice   8000 draws, 8000 different, 0.99
#   DataLoader               8000 draws, 8000 different, 1.00
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

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

import grain
import numpy as np

shards, per_shard = 8, 1000
data = grain.MapDataset.range(shards * per_shard).seed(42).shuffle()


def noise(example, generator):
    return generator.normal()


class Noise(grain.transforms.RandomMap):
    def random_map(self, example, generator):
        return generator.normal()


def loader(shard):
    options = grain.sharding.ShardOptions(shard, shards)
    sampler = grain.samplers.IndexSampler(shards * per_shard, options, shuffle=True, num_epochs=1, seed=42)
    return grain.DataLoader(data_source=data, sampler=sampler, operations=[Noise()], worker_count=0)


def report(text, make):
    """The number of different draws, and the deviation of the mean over shards times its root."""
    draws = np.array([list(make(shard)) for shard in range(shards)])
    different = len(np.unique(draws))
    print(f"{text:24} {draws.size} draws, {different} different, {draws.mean(0).std() * shards**0.5:.2f}")
    return different


print("                         deviation of the mean of 8 shards, times the root of 8:")
sliced_first = report("slice, then random_map", lambda shard: data[shard::shards].random_map(noise))
sliced_last = report("random_map, then slice", lambda shard: data.random_map(noise)[shard::shards])
loaded = report("DataLoader", loader)
sys.exit(0 if sliced_first == per_shard and sliced_last == loaded == shards * per_shard else 1)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py"
