"""JSON documents for the loader: valid by the schema, nearly valid, and arbitrary.

The loader promises a case or a `Misuse` for every file there is.  These are the files to hold it
to that: `conforming_documents` have the right shape and mostly break a rule of the checker,
`nearly_valid_documents` are one slip away from a case, `arbitrary_documents` are whatever a disk
may hold.
"""

import functools
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from nnxfuzz.programs.case import Case, encode, schema
from nnxfuzz.strategies.layers import Json, conforming, names

Draw = Callable[[st.SearchStrategy[Any]], Any]


@functools.cache
def conforming_documents() -> st.SearchStrategy[bytes]:
    """Documents of the schema's shape."""
    whole = schema()
    return conforming(whole, whole["$defs"]).map(written)


def written(value: Json) -> bytes:
    return json.dumps(value).encode()


# --- nearly valid ---------------------------------------------------------------------------

NUMBERS = (-1, 0, 1, 33, 65, 1001, 2**31, 2**63, 2**64, -(10**30), 0.5, 1e308)
TAGS = ("variable", "node", "array", "static", "tuple", "dict", "update", "swap", "read")
JUNK: tuple[Json, ...] = (None, True, "", "nan", "carry", [], {}, [[]], {"is": "node"}, *NUMBERS)
# As text, because a later mutation may go into the value that an earlier one put in.
junk: st.SearchStrategy[Json] = st.sampled_from([json.dumps(each) for each in JUNK]).map(json.loads)

#: A mutation is told where: the container and the key or index in it.
Mutation = Callable[[Draw, Any, Any], None]


def drop(draw: Draw, container: Json, key: Json) -> None:
    del container[key]


def rename(draw: Draw, container: Json, key: Json) -> None:
    if isinstance(container, dict):
        container[draw(names)] = container.pop(key)
    else:
        container.insert(0, container.pop(key))


def add(draw: Draw, container: Json, key: Json) -> None:
    if isinstance(container, dict):
        container[draw(names | st.sampled_from(("is", "at", "value")))] = draw(junk)
    else:
        container.insert(key, draw(junk))


def retype(draw: Draw, container: Json, key: Json) -> None:
    container[key] = draw(junk)


def renumber(draw: Draw, container: Json, key: Json) -> None:
    container[key] = draw(st.sampled_from(NUMBERS))


def retag(draw: Draw, container: Json, key: Json) -> None:
    container[key]["is"] = draw(st.sampled_from(TAGS))


#: Each with the type of value that it applies to.
MUTATIONS: tuple[tuple[Mutation, type], ...] = (
    (drop, object),
    (rename, object),
    (add, object),
    (retype, object),
    (renumber, int),
    (renumber, int),
    (retag, dict),
)


@st.composite
def nearly_valid_documents(draw: Draw, cases: st.SearchStrategy[Case]) -> bytes:
    """The JSON of a well-formed case after one to three slips; one in eight is cut short."""
    box = [json.loads(encode(draw(cases)))]
    for mutate, kind in draw(st.lists(st.sampled_from(MUTATIONS), min_size=1, max_size=3)):
        spots = [(held, key) for held, key in positions(box) if isinstance(held[key], kind)]
        if spots:
            mutate(draw, *draw(st.sampled_from(spots)))
    data = b"".join(map(written, box))
    cut = draw(st.sampled_from(range(8))) == 7
    return data[: draw(st.integers(0, len(data)))] if cut else data


def positions(container: Json) -> list[tuple[Json, Json]]:
    """Every (container, key) of a JSON value, outermost first."""
    if isinstance(container, dict):
        keys: list[Json] = list(container)
    elif isinstance(container, list):
        keys = list(range(len(container)))
    else:
        return []
    here = [(container, key) for key in keys]
    return here + [spot for key in keys for spot in positions(container[key])]


# --- arbitrary ------------------------------------------------------------------------------

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)

awkward = st.sampled_from(
    (
        b"",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 10_000,
        b'{"loop":{"lower":' + b"9" * 4_000 + b"}}",
        b'{"loop":{"lower":NaN}}',
        b'{"carry":[{"is":"scalar","value":1e999}]}',
        b'{"carry":[{"is":"scalar","value":-Infinity}]}',
        b'{"loop":{},"loop":{}}',
        b'{"variables":[{"tag":"\\ud800"}]}',
        b'{"\\udfff":1}',
        b'{"nodes":[{"is":"\\udfff"}]}',
        b"{} {}",
        b"\xef\xbb\xbf{}",
        '{"nodes":[]}'.encode("utf-16"),
        b"\x00",
    )
)


def arbitrary_documents() -> st.SearchStrategy[bytes]:
    """Any JSON, any bytes, and the awkward ones by name."""
    return values.map(written) | st.binary(max_size=64) | awkward
