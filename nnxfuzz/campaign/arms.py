"""All the arms on which a campaign may run a program."""

from nnxfuzz.arms import plain_arms, wrapped_arms
from nnxfuzz.campaign.events import Settings
from nnxfuzz.case import Arm, Case


def arms_of(case: Case, options: Settings) -> list[Arm]:
    """Those that the settings ask for, the case fits and the installed Flax has."""
    plain = plain_arms(case, options.transforms, options.modes)
    return [*plain, *wrapped_arms(case, plain, options.wrappers)]
