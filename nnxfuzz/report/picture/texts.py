"""Texts of strangers as HTML and XML can have them, for all templates."""

import re

#: Characters that no XML document may have, and halves of those that UTF-8 cannot write.
_ILLEGAL = re.compile("[^\\t\\n\\r -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def clean(value: object) -> object:
    """The value, with a replacement character in the place of each that may not be there."""
    if isinstance(value, str) and _ILLEGAL.search(value):
        return type(value)(_ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", value))
    return value
