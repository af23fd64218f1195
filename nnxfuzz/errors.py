"""The two ways in which nnxfuzz itself stops.

Neither is ever a finding: a finding is data (see `judge`), not an exception.
"""


class Misuse(Exception):
    """What the user asked for cannot be done; shown as one sentence, exit code 2.

    The message names what was wrong, where, which value, and what to do about it.
    """


class InternalFault(Exception):
    """nnxfuzz's own code failed outside the transform under test.

    It is raised instead of being counted, so that a defect of the fuzzer is never reported as
    one of Flax.
    """
