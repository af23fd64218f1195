"""Cases as JSON: `encode` and `decode_case`, the canonical form with its `digest`, the schema.

A document comes from a file, a stranger or another machine, so reading is strict: whatever is not
a well-formed case is one `CaseError` with a JSON path, and never another exception.  msgspec does
the typing.  What it would let pass is refused before it sees the document: keys given twice (it
takes the last) and unpaired surrogates (it fails on them with an exception of its own).

Writing is canonical where msgspec's is not: `omit_defaults` goes by object identity there, so two
equal cases could differ in bytes, and then in digest.
"""

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

from nnxfuzz.programs.case.check import CaseError, check
from nnxfuzz.programs.case.problem import member, shown
from nnxfuzz.programs.case.types import Case

#: A larger document is refused before it is parsed.  The largest well-formed case stays below.
MAX_BYTES = 512 * 1024

T = TypeVar("T")


# --- writing --------------------------------------------------------------------------------


def encode(case: Case) -> bytes:
    """The case as compact JSON, names in their order; `decode_case` gives an equal case.

    An ill-formed case is refused, so that nothing is written that could not be read.
    """
    check(case)
    return msgspec.json.encode(plain(case))


def canonical(value: object) -> bytes:
    """The one JSON text of a value made of our structs: keys sorted, defaults left out, compact."""
    return msgspec.json.encode(plain(value), order="sorted")


def digest(case: msgspec.Struct) -> str:
    """The case's name: eight hex digits, equal for equal cases."""
    return hashlib.sha256(canonical(case)).hexdigest()[:8]


def weight(program: msgspec.Struct) -> tuple[int, bytes]:
    """The one total order of "smaller": the length of the canonical JSON, then the text."""
    text = canonical(program)
    return len(text), text


def plain(value: object) -> object:
    """The value in dicts and lists, without the fields that have their default value."""
    match value:
        case msgspec.Struct():
            return struct_members(value)
        case dict():
            return {key: plain(held) for key, held in value.items()}
        case tuple() | list():
            return [plain(held) for held in value]
        case _:
            return value


def struct_members(struct: msgspec.Struct) -> dict[str, object]:
    config = struct.__struct_config__
    members: dict[str, object] = {}
    if config.tag_field is not None and not isinstance(struct, Case):  # older documents lack it
        members[config.tag_field] = config.tag
    defaults = default_texts(type(struct)) if config.omit_defaults else {}
    for name in struct.__struct_fields__:
        held = plain(getattr(struct, name))
        # As JSON texts, since to Python 0, 0.0 and False are equal.
        if name not in defaults or msgspec.json.encode(held) != defaults[name]:
            members[name] = held
    return members


@functools.cache
def default_texts(struct: type[msgspec.Struct]) -> dict[str, bytes]:
    """The JSON text of each field's default."""
    texts = {}
    for field in msgspec.structs.fields(struct):
        if field.default is not msgspec.NODEFAULT:
            texts[field.name] = msgspec.json.encode(plain(field.default))
        elif field.default_factory is not msgspec.NODEFAULT:
            texts[field.name] = msgspec.json.encode(plain(field.default_factory()))
    return texts


def schema() -> dict[str, Any]:
    """The JSON Schema of a case.  It states the shape; the rules of `check` come on top."""
    return msgspec.json.schema(Case)


# --- reading --------------------------------------------------------------------------------


def decode_case(data: bytes) -> Case:
    """The well-formed case that `data` holds, or a `CaseError`."""
    case = convert(read_json(data, MAX_BYTES), Case)
    check(case)
    return case


def read_json(data: bytes, limit: int) -> object:
    """The JSON value that `data` holds, or a `CaseError`."""
    if len(data) > limit:
        raise not_json(f"it has more than {limit} bytes", "make it smaller")
    twice: list[tuple[dict[str, object], str]] = []

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        held = dict(pairs)
        if len(held) < len(pairs):
            keys = [key for key, _ in pairs]
            twice.append((held, next(key for key in keys if keys.count(key) > 1)))
        return held

    value = parsed(data, members)
    if twice:
        held, key = twice[0]
        path = find(value, lambda each: each is held)
        raise CaseError(path, f"the key {shown(key)} is given twice", "keep one of them", 0)
    if b"\\u" in data:  # only an escape can give one
        refuse_surrogates(value)
    return value


def parsed(data: bytes, members: Callable[[list[tuple[str, object]]], object]) -> object:
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=members)
    except UnicodeDecodeError as error:
        raise not_json(f"byte {error.start} is no UTF-8", "write the file as UTF-8") from None
    except json.JSONDecodeError as error:
        reason = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise not_json(f"it is no JSON, {reason}", "correct the text there") from None
    except RecursionError:
        raise not_json("it is nested too deeply", "a case needs eight levels") from None
    except ValueError:  # CPython's limit on the digits of an integer
        raise not_json("it holds an integer of thousands of digits", "use a small one") from None


def not_json(reason: str, remedy: str) -> CaseError:
    return CaseError("$", reason, remedy, 0)


def refuse_surrogates(value: object) -> None:
    def broken(each: object) -> bool:
        texts = each if isinstance(each, dict) else [each]
        return any(isinstance(t, str) and any("\ud800" <= c <= "\udfff" for c in t) for t in texts)

    path = find(value, broken)
    if path:
        raise CaseError(path, "it holds half of a surrogate pair", "escape the whole character", 0)


def find(value: object, wanted: Callable[[object], bool]) -> str:
    """The JSON path of the first wanted value, empty if there is none.

    A stack and no recursion: what the parser can nest, this can walk.
    """
    stack: list[tuple[str, object]] = [("$", value)]
    while stack:
        path, each = stack.pop()
        if wanted(each):
            return path
        stack += reversed(list(children(path, each)))
    return ""


def children(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from ((member(path, key), held) for key, held in value.items())
    elif isinstance(value, list):
        yield from ((f"{path}[{k}]", held) for k, held in enumerate(value))


def convert(value: object, kind: type[T]) -> T:
    """The parsed JSON as a struct, or a `CaseError` that has msgspec's reason and path."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        text, path = str(error), "$"
        located = re.fullmatch(r"(.*) - at `(\$.*)`", text, re.DOTALL)
        if located:
            text, path = located.groups()
        reason = text if len(text) <= 200 else text[:200] + "..."
        raise CaseError(path, reason, "write it as `nnxfuzz schema` says", 0) from None
