"""What every row of the case language is made of."""

from typing import Literal

import msgspec

DType = Literal["int32", "float32", "bfloat16"]
StaticValue = int | str | bool | None

#: A place in the program: a root (`carry`, `inputs` or `closure`), then indices and names, for
#: example `("carry", 0, "a", "p")` for `carry[0].a.p`.
TreePath = tuple[str | int, ...]


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of every untagged row: frozen, strict about unknown fields."""


class Tagged(Data, frozen=True, tag_field="is", tag=lambda name: name.lower()):
    """Base of every row of a tagged union; the JSON field `is` names the kind."""
