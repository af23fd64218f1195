"""JSON documents for the loader: valid by the schema, nearly valid, and arbitrary.

The loader promises a case or a `Misuse` for every file there is.  These are the files to hold it
to that: `conforming_documents` have the right shape and mostly break a rule of the checker,
`nearly_valid_documents` are one slip away from a case, `arbitrary_documents` are whatever a disk
may hold.

Leaves are drawn by hypothesis-jsonschema.  Objects, arrays, unions and references are put together
here: given the whole schema, `from_schema` took 5 s to set up and 200 ms a document (this takes
milliseconds for both), and with Hypothesis 6.170.12 and later its objects fail with
`AttributeError: 'many' object has no attribute 'more'`.
"""

import functools
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from nnxfuzz.programs.case import Case, encode, schema

Json = Any
Draw = Callable[[st.SearchStrategy[Any]], Any]

MAX_ROWS = 4  # of an array or a dict that the schema leaves open


# --- conforming to a schema -----------------------------------------------------------------


def conforming(
    table: dict[str, Json], definitions: dict[str, Json] | None = None
) -> st.SearchStrategy[Json]:
    """JSON values that conform to a schema of the kind that msgspec writes (no recursion)."""
    definitions = definitions or {}
    match table:
        case {"$ref": str(reference)}:
            return conforming(definitions[reference.rpartition("/")[2]], definitions)
        case {"anyOf": list(choices)}:
            return st.one_of([conforming(choice, definitions) for choice in choices])
        case {"type": "object", "properties": dict(properties)}:
            members = {key: conforming(part, definitions) for key, part in properties.items()}
            required = {key: members.pop(key) for key in table.get("required", ())}
            return st.fixed_dictionaries(required, optional=members)
        case {"type": "object", "additionalProperties": dict(part)}:
            return st.dictionaries(names, conforming(part, definitions), max_size=MAX_ROWS)
        case {"type": "array", "items": dict(part)}:
            return st.lists(conforming(part, definitions), max_size=MAX_ROWS)
        case _:
            return leaf(json.dumps(table, sort_keys=True))


@functools.cache
def leaf(table: str) -> st.SearchStrategy[Json]:
    """From the schema's text, so that equal leaves share one strategy."""
    from hypothesis_jsonschema import from_schema  # not above: to import it writes a file

    strategy: st.SearchStrategy[Json] = from_schema(json.loads(table))
    return strategy


names = st.sampled_from(("a", "b", "kernel")) | st.text(max_size=3)


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
