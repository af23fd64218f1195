"""How a raw document of an older format becomes one of the next.

On parsed JSON, since the types of an older format are gone.  A migration may take for granted that
its document is well formed: what it stumbles over is reported as no entry of that format, and what
it lets pass is held against today's types.
"""

import re
from collections.abc import Callable
from typing import Any

Json = Any


def inputs_of_every_kind(entry: dict[str, Json]) -> dict[str, Json]:
    """1 to 2: `xs` became `inputs`, read by paths; outputs got an axis.

    Format 1 passed all of xs as one tuple, and got all of ys so: `packed` is how that is written.
    """
    case = dict(entry["case"])
    xs, ys = case.pop("xs", []), case.pop("ys", [])
    case = {name: _with_reads(value) for name, value in case.items()}
    if xs:
        case["inputs"] = [{"what": {"is": "array", "array": array}} for array in xs]
    if ys:
        case["ys"] = [{"value": _with_reads(operand)} for operand in ys]
    if xs or ys:
        case["form"] = {"packed": True}
    return entry | {"case": case}


def _with_reads(value: Json) -> Json:
    """The value with each operand `input` as a `read` of that input's place."""
    match value:
        case {"is": "input", "x": int(x), **rest}:
            return {"is": "read", "at": ["inputs", x], **rest}
        case dict():
            return {name: _with_reads(held) for name, held in value.items()}
        case list():
            return [_with_reads(held) for held in value]
        case _:
            return value


def where_it_shows(entry: dict[str, Json]) -> dict[str, Json]:
    """2 to 3: entries say on which arms they show; nobody had asked."""
    return entry | {"arms": [], "blame": None, "cause": None}


def newer_names(entry: dict[str, Json]) -> dict[str, Json]:
    """3 to 4: the mode `gnu` became `graph-frozen`, in arms, cells and texts.

    A case's `manner` became its `call_style`.
    """
    renamed: dict[str, Json] = _with_mode(entry)
    case = dict(renamed["case"])
    if "manner" in case:
        case["call_style"] = case.pop("manner")
    return renamed | {"case": case}


def _with_mode(value: Json) -> Json:
    """The value with the mode's new name; in a text, where it stands as a word."""
    match value:
        case dict():
            return {name: _with_mode(held) for name, held in value.items()}
        case list():
            return [_with_mode(held) for held in value]
        case str():
            return re.sub(r"(?<![\w-])gnu(?!\w)", "graph-frozen", value)
        case _:
            return value


#: By the format that each starts from.
MIGRATIONS: dict[int, Callable[[dict[str, Json]], dict[str, Json]]] = {
    1: inputs_of_every_kind,
    2: where_it_shows,
    3: newer_names,
}
