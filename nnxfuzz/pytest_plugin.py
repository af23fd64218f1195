"""A pytest plugin: every corpus file becomes a test item, in any project that has one.

Collected are the entries in or below a folder named `corpus`, as their first bytes tell them from
the JSON of others, which is not read further.  In a folder that the project names in its
configuration (`nnxfuzz_corpus = ["corpus"]`) every `*.json` is taken for an entry, so that one that
is damaged fails.

An entry that still fails on an affected release is an expected failure; one that fails differently,
has regressed or cannot be read fails; one that is not applicable is skipped; one that passes where
its record says that it fails passes with a warning.  jax and Flax are imported only when an item
runs, and the strategies never.  `-p no:nnxfuzz` turns all of it off.

With `--nnx-check` each call of an NNX transform that a test makes is judged against plain Python
(see `checker.sessions`).
"""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nnxfuzz.corpus.ours import is_entry
from nnxfuzz.programs.case import MODES
from nnxfuzz.programs.errors import Misuse


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--nnx-check` and `nnxfuzz_corpus`."""
    parser.addini("nnxfuzz_corpus", "Folders in which every *.json is an entry.", "paths")
    parser.getgroup("nnxfuzz").addoption(
        "--nnx-check",
        nargs="?",
        const="used",
        metavar="MODES",
        help="Judge each call of an NNX transform against plain Python; --nnx-check=all says also "
        "what it would come to in the modes that are not in use, and the name of one in that.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start the check if it is asked for; refuse a folder of entries that is not there."""
    for folder in config.getini("nnxfuzz_corpus"):
        if not folder.is_dir():
            raise pytest.UsageError(
                f"nnxfuzz_corpus names the folder {folder}, which does not exist; "
                "name one that does"
            )
    modes = config.getoption("--nnx-check")
    if modes is None:
        return
    if modes not in ("used", "all", *MODES):
        raise pytest.UsageError(
            f"--nnx-check has no modes {modes!r}; write --nnx-check=used, --nnx-check=all or the "
            f"name of one: {', '.join(MODES)}"
        )
    from nnxfuzz.checker.sessions import Session

    config.pluginmanager.register(Session(config, modes), "nnxfuzz-check")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect corpus entries."""
    if file_path.suffix != ".json" or not _is_ours(file_path, parent.config):
        return None
    return CorpusFile.from_parent(parent, path=file_path)


def _is_ours(file: Path, config: pytest.Config) -> bool:
    """Whether the project says so, or the file does."""
    if any(file.is_relative_to(folder) for folder in config.getini("nnxfuzz_corpus")):
        return True
    return _in_corpus(file, config.rootpath) and is_entry(file)


def _in_corpus(file: Path, root: Path) -> bool:
    """Whether a folder of the project is named so; what is above the project does not count."""
    above = root.parent
    inside = file.relative_to(above) if file.is_relative_to(above) else file
    return "corpus" in inside.parts[:-1]


class CorpusFile(pytest.File):
    """One file, one item."""

    def collect(self) -> Iterator[pytest.Item]:
        yield CorpusItem.from_parent(self, name="replay")


class CorpusFailure(Exception):
    """The entry does not do what its record says; its text is what pytest shows."""


class CorpusWarning(pytest.PytestWarning):
    """The entry does better than its record says."""


class CorpusItem(pytest.Item):
    """Replays the entry on the installed Flax."""

    def runtest(self) -> None:
        try:
            from nnxfuzz import nnx_api
            from nnxfuzz.corpus.replay import replay
        except ImportError as error:
            raise CorpusFailure(
                f"flax cannot be used here ({error}); install it, or leave the corpus out "
                "with -p no:nnxfuzz"
            ) from None
        nnx_api.quiet()
        nnx_api.have_devices()
        result = replay(self.path)
        match result.outcome:
            case "passes":
                pass
            case "fixed":
                self.warn(CorpusWarning(f"fixed: {result.detail}; record this as its first_good"))
            case "not applicable":
                pytest.skip(result.detail)
            case "still fails":
                pytest.xfail(f"known: {result.detail}")
                raise CorpusFailure(f"known: {result.detail}")  # only reached with --runxfail
            case outcome:
                raise CorpusFailure(f"{outcome}: {result.detail}")

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """One sentence and a command, for what is no defect of nnxfuzz."""
        if isinstance(excinfo.value, CorpusFailure | Misuse):
            path = os.path.relpath(self.path, self.config.invocation_params.dir)
            return f"{excinfo.value}\nsee it:  nnxfuzz show {shlex.quote(path)}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, 0, self.path.name
