"""A pytest plugin: every corpus file becomes a test item, in any project that has one.

Collected are the files named `...-<8 hex digits>.json` below a folder named `corpus`.  An entry
that still fails on an affected release is an expected failure; one that fails differently, has
regressed or cannot be read fails; one that is not applicable is skipped.  jax and Flax are imported
only when an item runs, and the strategies never.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_NAME = re.compile(r".+-[0-9a-f]{8}\.json")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect corpus entries."""
    if "corpus" in file_path.parts and _NAME.fullmatch(file_path.name):
        return CorpusFile.from_parent(parent, path=file_path)
    return None


class CorpusFile(pytest.File):
    """One file, one item."""

    def collect(self) -> Iterator[pytest.Item]:
        yield CorpusItem.from_parent(self, name="replay")


class CorpusFailure(Exception):
    """The entry does not do what its record says; its text is what pytest shows."""


class CorpusItem(pytest.Item):
    """Replays the entry on the installed Flax."""

    def runtest(self) -> None:
        from nnxfuzz import compat
        from nnxfuzz.replay import FINDINGS, replay

        compat.quiet()
        result = replay(self.path)
        match result.outcome:
            case "still fails":
                pytest.xfail(f"known: {result.detail}")
            case "not applicable":
                pytest.skip(result.detail)
            case outcome if outcome in FINDINGS or outcome == "unreadable":
                raise CorpusFailure(f"{outcome}: {result.detail}")

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        if isinstance(excinfo.value, CorpusFailure):
            return f"{excinfo.value}\nsee it:  nnxfuzz show {self.path}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.path.name
