"""How nnxfuzz itself stops.  Never a finding: a finding is data (see `judge`), not an exception.

A defect of nnxfuzz is any other exception; it propagates, so that it is never reported as one of
Flax.
"""


class Misuse(Exception):
    """What the user asked for cannot be done; shown as one sentence, exit code 2.

    The message names what was wrong, where, which value, and what to do about it.
    """


class Unsaved(Misuse):
    """A finding that cannot be saved where it belongs: there is a finding, so exit code 1."""


def text_of(error: BaseException) -> str:
    """The text of an exception; none if its class fails to tell it."""
    try:
        return str(error)
    except Exception:
        return ""
