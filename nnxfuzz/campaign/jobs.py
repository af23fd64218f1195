"""What workers are at, and how far they have come."""

from collections.abc import Iterable
from pathlib import Path

from nnxfuzz.campaign.note import read_note
from nnxfuzz.campaign.work import Batch, Work


class Job:
    """A piece of work that somebody is at, and where its cases are noted."""

    def __init__(self, work: Work, note: Path | None) -> None:
        self.work = work
        self.note = note


def running(jobs: Iterable[Job]) -> tuple[int, int]:
    """Programs and arms of the batches that are not done, as their notes tell."""
    paths = [job.note for job in jobs if isinstance(job.work, Batch) and job.note is not None]
    notes = [note for note in map(read_note, paths) if note is not None]
    return sum(note.programs for note in notes), sum(note.arms for note in notes)
