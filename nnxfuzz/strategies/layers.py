"""Configurations of real layers, drawn from the JSON Schema of their own types.

So a new option of a layer needs only its field in `case.types`: the strategy follows.  The schema
says what may be written in a case; here it is narrowed to what is worth exploring.
"""

import msgspec
from hypothesis import strategies as st

from nnxfuzz.programs.case import LinearConfig
from nnxfuzz.strategies.documents import conforming


def linear_configs(largest: int = 3) -> st.SearchStrategy[LinearConfig]:
    """Configurations of `nnx.Linear` with features of 1 to `largest`."""
    _, tables = msgspec.json.schema_components([LinearConfig])
    table = tables["LinearConfig"]
    for features in ("in_features", "out_features"):
        table["properties"][features]["maximum"] = largest
    return conforming(table).map(lambda drawn: msgspec.convert(drawn, LinearConfig))
