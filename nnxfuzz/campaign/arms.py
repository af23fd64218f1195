"""All the arms on which a campaign may run a program."""

from nnxfuzz.campaign.events import Settings
from nnxfuzz.programs.case import Arm
from nnxfuzz.programs.program import Program
from nnxfuzz.runners.kinds import kind_of


def arms_of(program: Program, options: Settings) -> list[Arm]:
    """Those that the settings ask for, the program fits and the installed Flax has."""
    kind = kind_of(program)
    plain = kind.arms(program, options.transforms, options.modes)
    return [*plain, *kind.wrapped(program, plain, options.wrappers, {})]
