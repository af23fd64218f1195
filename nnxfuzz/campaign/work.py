"""What is handed to a worker and what comes back: plain data, so that it can go anywhere.

A piece of work names all that its result depends on.  The campaign keeps it until its result has
been counted, so work that is lost with its worker is simply done again.
"""

from nnxfuzz.campaign.statistics import Counts
from nnxfuzz.oracle.verdict import Cell, Finding, Symptom
from nnxfuzz.programs.case import Arm, Data, Tagged
from nnxfuzz.programs.program import Program
from nnxfuzz.runners import Executor
from nnxfuzz.runners.kinds import Drawn


class Discovery(Data, frozen=True):
    """A case, the arm on which it shows, and the finding.

    `choices` are Hypothesis's own record of the draws, from which it shrinks; `shrink_with` is the
    executor under which the finding shows; `arms` what the shrunk case comes to on each arm.
    `taken_for` is the known bug that it was taken for until it had been shrunk; `cut_short` tells
    that the tries were used up, or the time, before nothing could be taken away any more.
    """

    case: Program
    arm: Arm
    finding: Finding
    choices: tuple[bytes, ...] = ()
    shrink_with: Executor = "trace"
    arms: tuple[Cell, ...] = ()
    taken_for: str | None = None
    cut_short: bool = False


class Fault(Data, frozen=True):
    """A failure of nnxfuzz itself, and the program and arm at which it came up, as far as there
    were any yet.  `name` is equal for the same mistake.
    """

    name: str
    traceback: str
    case: Program | None = None
    arm: Arm | None = None


class Batch(Tagged, frozen=True):
    """Draw up to `size` programs, until one shows a signature that is not known.

    `features` are those that programs may use.  `met` and `checked` are how many findings of each
    known bug the campaign has met, and shrunk to see that they are (see `KnownBugs.due`).
    """

    number: int
    size: int
    features: tuple[str, ...]
    met: dict[str, int] = {}
    checked: dict[str, int] = {}
    drawn: Drawn = "loops"
    #: Whether nothing is drawn: the programs are those of `boundary.part(number)`.
    boundary: bool = False


class Shrink(Tagged, frozen=True):
    """Make a discovery smaller; `features` are those of the batch that made it."""

    discovery: Discovery
    features: tuple[str, ...]


class ConfirmCrash(Tagged, frozen=True):
    """Find out in clean processes whether this case, met at the death of a worker, is to blame.

    `work` is what the worker was at, which then has to be done again.
    """

    case: Program
    work: Batch | Shrink | None = None


class ShrinkCrash(Tagged, frozen=True):
    """Make a case that kills its process smaller, in child processes."""

    discovery: Discovery


Work = Batch | Shrink | ConfirmCrash | ShrinkCrash


class Outcome(Data, frozen=True):
    """What a piece of work came to.

    `faults` are the failures of ours that came up, the first of each name.  `symptoms` are those
    that turned out, once shrunk, to be of a known bug, with its name.  `damaged` asks for a new
    process: the old one no longer runs a plain loop.
    """

    counts: Counts = Counts()
    discovery: Discovery | None = None
    faults: tuple[Fault, ...] = ()
    symptoms: tuple[tuple[str, Symptom], ...] = ()
    damaged: bool = False
