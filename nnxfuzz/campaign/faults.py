"""Failures of nnxfuzz itself: each is noted in the finds folder, with its program, to be reported.

A note is a page of text and no entry: it says nothing of Flax.
"""

import sys
from pathlib import Path

import msgspec

from nnxfuzz import __version__, nnx_api
from nnxfuzz.campaign.events import Failed
from nnxfuzz.campaign.state import State
from nnxfuzz.campaign.work import Fault, Work
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.oracle.failures import fault_name, traceback_text
from nnxfuzz.programs.case import digest
from nnxfuzz.programs.case.codec import plain
from nnxfuzz.programs.errors import Misuse

#: What a note is called; no `.json`, which would make it an entry of the finds.
PREFIX, SUFFIX = "nnxfuzz-failed", ".md"


class Faults:
    """The failures of ours in one run, by name, the first of each."""

    def __init__(self, folder: Path, state: State) -> None:
        self.folder, self.state = folder, state
        self.noted: dict[str, Failed] = {}

    def note(self, fault: Fault) -> Failed | None:
        """Write it down, and what it was; None if this run has one of this name."""
        if fault.name in self.noted:
            return None
        path = self.folder / file_name(fault)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            corpus.write_whole(path, page(fault).encode(errors="backslashreplace"))
        except OSError as error:
            raise Misuse(
                f"cannot save {path.name} in {self.folder}: {error.strerror}; "
                "make room there or name another folder"
            ) from error
        failed = Failed(fault.name, str(path), self.state.counts.programs)
        self.noted[fault.name] = failed
        others = [each for each in self.state.faults if each.name != fault.name]
        self.state.faults = [*others, failed]
        return failed


def of_work(error: Exception, work: Work) -> Fault:
    """A failure that a piece of work ended with, before it could say at which program."""
    case = getattr(work, "case", None)
    return Fault(fault_name(error), traceback_text(error), case)


def file_name(fault: Fault) -> str:
    """`nnxfuzz-failed-<name>-<digest of the case>.md`."""
    case = "no-program" if fault.case is None else digest(fault.case)
    return f"{PREFIX}-{corpus.slug(fault.name)}-{case}{SUFFIX}"


def page(fault: Fault) -> str:
    """The note: what it is, the versions, the traceback, the program as JSON."""
    python = ".".join(map(str, sys.version_info[:3]))
    lines = [
        f"# nnxfuzz failed: {fault.name}",
        "",
        "This is a fault of nnxfuzz and no finding about Flax. Please report it with this page.",
        "",
        f"- nnxfuzz {__version__}, flax {nnx_api.FLAX}, jax {nnx_api.JAX}, Python {python}",
    ]
    if fault.arm is not None:
        arm = fault.arm
        lines.append(f"- Arm: {arm.transform}, {arm.mode} mode, wrapper {arm.wrapper}")
    lines += ["", "## Traceback", "", "```", fault.traceback, "```", ""]
    if fault.case is not None:
        data = msgspec.json.format(msgspec.json.encode(plain(fault.case)), indent=2).decode()
        lines += ["## Program", "", "```json", data, "```", ""]
    return "\n".join(lines)
