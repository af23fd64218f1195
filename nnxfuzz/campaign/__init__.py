"""Long runs: batches of programs, their statistics, and the events that a report listens to."""

from nnxfuzz.campaign.events import (
    Ended,
    Event,
    Failed,
    Found,
    Lost,
    Progress,
    Same,
    Settings,
    Started,
)
from nnxfuzz.campaign.explore import Explorer
from nnxfuzz.campaign.known_bugs import KnownBug, KnownBugs, known_bugs
from nnxfuzz.campaign.run import run
from nnxfuzz.campaign.statistics import Counts, Statistics
from nnxfuzz.campaign.work import Discovery
from nnxfuzz.campaign.workers import WorkerPool, Workers

__all__ = [
    "Counts",
    "Discovery",
    "Ended",
    "Event",
    "Explorer",
    "Failed",
    "Found",
    "KnownBug",
    "KnownBugs",
    "Lost",
    "Progress",
    "Same",
    "Settings",
    "Started",
    "Statistics",
    "WorkerPool",
    "Workers",
    "known_bugs",
    "run",
]
