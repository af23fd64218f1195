"""Long runs: batches of programs, their statistics, and the events that a report listens to."""

from nnxfuzz.campaign.events import Ended, Event, Found, Progress, Settings, Started
from nnxfuzz.campaign.explore import Discovery, Explorer
from nnxfuzz.campaign.run import run
from nnxfuzz.campaign.statistics import Statistics

__all__ = [
    "Discovery",
    "Ended",
    "Event",
    "Explorer",
    "Found",
    "Progress",
    "Settings",
    "Started",
    "Statistics",
    "run",
]
