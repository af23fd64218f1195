"""The arms on which a campaign runs a program."""

from nnxfuzz import compat
from nnxfuzz.campaign.events import Settings
from nnxfuzz.case import Arm, Case


def arms_of(case: Case, options: Settings) -> list[Arm]:
    """Those that the settings ask for, the case fits and the installed Flax has."""
    return [
        arm
        for transform in options.transforms
        for mode in options.modes
        if compat.inapplicable(case, arm := Arm(transform, mode)) is None
    ]
