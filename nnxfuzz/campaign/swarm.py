"""Which features are on in a batch.

With everything on, features crowd each other out: a program that may do anything seldom does much
of one thing.  So each batch draws a set of its own.  Of a few sets drawn at random it takes the
heaviest: weight comes from pairs of features that few programs have exercised so far, and from
features that were on in batches that brought a new signature.
"""

from itertools import combinations
from random import Random

from nnxfuzz.campaign.statistics import Counts, pair_name
from nnxfuzz.programs.case import Data

#: One batch out of so many has everything on, so that nothing depends on luck for ever.
_ALL_ON = 4
#: Sets from which one is taken.
_CANDIDATES = 6


class History(Data, frozen=True):
    """What is known of the features so far, by name: batches, and those that brought news."""

    batches: dict[str, int] = {}
    news: dict[str, int] = {}

    def after(self, features: tuple[str, ...], new: bool) -> "History":
        """With one more batch."""
        return History(_more(self.batches, features), _more(self.news, features if new else ()))


def _more(counts: dict[str, int], names: tuple[str, ...]) -> dict[str, int]:
    return counts | {name: counts.get(name, 0) + 1 for name in names}


def choose(
    rng: Random, history: History, counts: Counts, names: frozenset[str], number: int
) -> tuple[str, ...]:
    """The features of batch `number` out of `names`."""
    everything = tuple(sorted(names))
    if number % _ALL_ON == 0:
        return everything
    candidates = [tuple(n for n in everything if rng.random() < 0.5) for _ in range(_CANDIDATES)]
    return max(candidates, key=lambda candidate: weight(candidate, history, counts))


def weight(features: tuple[str, ...], history: History, counts: Counts) -> float:
    """How much a set of features is worth trying."""
    seldom = [_rarity(counts, *pair) for pair in combinations(features, 2)]
    return _mean(seldom) + _mean([_yield(history, name) for name in features])


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def _rarity(counts: Counts, one: str, other: str) -> float:
    """1 for a pair that no program has exercised, less and less with each that has."""
    return 1.0 / (1.0 + counts.pairs.get(pair_name(one, other), 0))


def _yield(history: History, name: str) -> float:
    """The share of a feature's batches that brought a new signature (one of two, before any)."""
    return (1 + history.news.get(name, 0)) / (2 + history.batches.get(name, 0))
