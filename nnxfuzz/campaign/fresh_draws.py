"""How a campaign has Hypothesis draw: every program afresh.

Left to itself Hypothesis begins a run with programs as small as their beginning allows, and follows
each program with up to five copies in which one part is repeated elsewhere.  That suits the hundred
examples of a test.  In a batch it leaves few programs and their likenesses: of 1,000 drawn so, 830
were distinct, and they had 8,163 pairs of features; of 1,000 drawn afresh 987, with 10,531 (ten
batches of seed 1).  What parts are to be alike is said by our strategies (sharing, aliasing).

Hypothesis also draws numbers and strings that it reads in the modules that are loaded, those of
installed packages apart.  They are left out: with them a seed means other programs in a wheel than
in a checkout, and after each change of ours.

It is done by what Hypothesis calls an alternative backend, which only draws; shrinking is left to
Hypothesis.
"""

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.internal.constants_ast import Constants

#: The name of this backend in `hypothesis.settings`.
BACKEND = "nnxfuzz"


class FreshDraws(HypothesisProvider):
    """Hypothesis's distributions, and its random numbers."""

    _local_constants = Constants()


AVAILABLE_PROVIDERS[BACKEND] = f"{FreshDraws.__module__}.{FreshDraws.__qualname__}"
