"""Configurations of real layers, drawn from the JSON Schema of their own types.

So a new option of a layer needs only its field in `case.types`: the strategy follows.  The schema
says what may be written in a case; here it is narrowed to what is worth exploring.

Leaves are drawn by hypothesis-jsonschema.  Objects, arrays, unions and references are put together
here: given the whole schema, `from_schema` took 5 s to set up and 200 ms a document (this takes
milliseconds for both), and with Hypothesis 6.170.12 and later its objects fail with
`AttributeError: 'many' object has no attribute 'more'`.
"""

import functools
import json
from typing import Any

import msgspec
from hypothesis import strategies as st

from nnxfuzz.programs.case import LinearConfig

Json = Any

MAX_ROWS = 4  # of an array or a dict that the schema leaves open


def linear_configs() -> st.SearchStrategy[LinearConfig]:
    """Configurations of `nnx.Linear` with features of 1 to 3."""
    _, tables = msgspec.json.schema_components([LinearConfig])
    table = tables["LinearConfig"]
    for features in ("in_features", "out_features"):
        table["properties"][features]["maximum"] = 3
    return conforming(table).map(lambda drawn: msgspec.convert(drawn, LinearConfig))


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
