"""Make a draft smaller while the same failure shows.

The same failure is the same kind of verdict in the same mode of the same transform, at some of the
places that were wrong, the first of them among these, and of the same aspects: a wrong number never
becomes an exception, a NaN or another object.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from nnxfuzz.checker.repro.draft import Array, Atom, Draft, Expression, Made

#: How many drafts are tried.
MOST_TRIES = 80

Failure = Mapping[str, Any]


def is_same(wanted: Failure, got: Failure) -> bool:
    """Whether two verdicts, as a report has them in JSON, are the same failure."""
    if any(wanted[name] != got.get(name) for name in ("transform", "mode", "kind")):
        return False
    paths, seen = wanted.get("paths", ()), got.get("paths", ())
    if not paths:
        return _without_numbers(wanted["told"]) == _without_numbers(got["told"])
    aspects = set(got.get("aspects", ())) <= set(wanted.get("aspects", ()))
    lines = _places(got) <= _places(wanted)
    return bool(seen) and set(seen) <= set(paths) and paths[0] in seen and aspects and lines


def _places(verdict: Failure) -> set[str]:
    """The places of which the evidence of a verdict speaks."""
    return {line.partition(" is ")[0] for line in verdict.get("lines", ())}


def _without_numbers(text: str) -> str:
    """What an error says, whatever the sizes."""
    return re.sub(r"\d+", "0", text)


def smaller(draft: Draft, shows: Callable[[Draft], bool], most: int = MOST_TRIES) -> Draft:
    """The smallest draft that was found for which `shows` holds.

    A change that holds is kept, and the rest is tried on what it left, until no change holds.
    """
    left = most
    again = True
    while again and left:
        again = False
        number = 0
        while left:
            tried = _nth(draft, number)
            if tried is None:
                break
            left -= 1
            if shows(tried):
                draft, again = tried, True
            else:
                number += 1
    return draft


def _nth(draft: Draft, number: int) -> Draft | None:
    """The change of this number, of those that change anything."""
    for k, changed in enumerate(_changes(draft)):
        if k == number:
            return changed
    return None


def _changes(draft: Draft) -> Iterator[Draft]:
    """Drafts that are smaller by one thing, those that take away most first."""
    for change in (_with_one_trip, _without_rows, _without_attributes, _with_simple_numbers):
        for changed in change(draft):
            if changed != draft:
                yield changed


def _without_attributes(draft: Draft) -> Iterator[Draft]:
    """Each object without one of the objects and arrays that it holds, and each list, dictionary or
    State without one of its items.
    """
    for made in _each(draft, Made):
        if made.head in ("new(", "bare(", "[", "{", "nnx.List(["):
            for k, item in enumerate(made.items):
                if not isinstance(item, Atom) and (made.head not in ("new(", "bare(") or k):
                    yield _replaced(draft, made, made.without(k))


def _without_rows(draft: Draft) -> Iterator[Draft]:
    """All arrays with fewer rows of one size."""
    sizes = {size for array in _each(draft, Array) for size in array.shape if size > 1}
    for size in sorted(sizes, reverse=True):
        for other in (1, 2):
            if other < size:
                yield draft.mapped(lambda e, size=size, other=other: _cut(e, size, other))  # type: ignore[misc]


def _cut(expression: Expression, size: int, other: int) -> Expression:
    if not isinstance(expression, Array) or size not in expression.shape:
        return expression
    numbers = expression.numbers
    for axis, length in enumerate(expression.shape):
        if length == size:
            numbers = np.take(numbers, range(other), axis)
    return expression.with_numbers(numbers)


def _with_one_trip(draft: Draft) -> Iterator[Draft]:
    """The ints of the call itself, one by one: bounds of loops."""
    if isinstance(draft.call, Made):
        for k, item in enumerate(draft.call.items):
            if isinstance(item, Atom) and item.code.isdigit() and int(item.code) > 1:
                items = list(draft.call.items)
                items[k] = Atom("1")
                yield _replaced(draft, draft.call, draft.call.with_parts(tuple(items)))


def _with_simple_numbers(draft: Draft) -> Iterator[Draft]:
    """Each array that holds different numbers with ones, with zeros."""
    for array in _each(draft, Array):
        numbers = array.numbers.reshape(-1)
        if numbers.size and (numbers != numbers[0]).any() and numbers.dtype.kind != "b":
            for number in (1, 0):
                yield _replaced(draft, array, array.with_numbers(np.full(array.shape, number)))


def _each(draft: Draft, kind: type) -> list[Any]:
    """The expressions of a kind, each once."""
    return list(dict.fromkeys(e for e in draft.expressions() if isinstance(e, kind)))


def _replaced(draft: Draft, old: Expression, new: Expression) -> Draft:
    """The draft with an expression replaced everywhere."""
    return draft.mapped(lambda expression: new if expression == old else expression)
