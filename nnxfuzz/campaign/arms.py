"""All the arms on which a campaign may run a program."""

from nnxfuzz.campaign.events import Settings
from nnxfuzz.programs.case import Arm, Case
from nnxfuzz.runners.arms import plain_arms, wrapped_arms


def arms_of(case: Case, options: Settings) -> list[Arm]:
    """Those that the settings ask for, the case fits and the installed Flax has."""
    plain = plain_arms(case, options.transforms, options.modes)
    return [*plain, *wrapped_arms(case, plain, options.wrappers)]
