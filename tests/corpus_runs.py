"""The entries of the repository's corpus as the installed release should have them."""

from pathlib import Path

import pytest

from nnxfuzz import nnx_api
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.entries import Entry, Sighting
from nnxfuzz.corpus.outcomes import affected
from nnxfuzz.programs.case import Case
from nnxfuzz.runners.kinds import kind_of

CORPUS = Path(__file__).parent.parent / "corpus"
ENTRIES = {path.stem: corpus.load(path) for path in sorted(CORPUS.glob("*.json"))}
#: Those whose program is a loop, and no call program.
LOOPS = {name: entry for name, entry in ENTRIES.items() if isinstance(entry.case, Case)}
HERE = Sighting(nnx_api.FLAX, nnx_api.JAX)


def applicable(entry: Entry) -> None:
    """Skip the test where the installed release cannot run the entry."""
    reason = kind_of(entry.case).inapplicable(entry.case, entry.arm)
    if reason is not None:
        pytest.skip(reason)


def fails_here(entry: Entry) -> bool:
    """Whether the entry's record says that the installed release has its bug."""
    return affected(entry, HERE) is True
