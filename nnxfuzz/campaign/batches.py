"""Which batch comes next: its number, its size, and the features that its programs may use."""

from random import Random

from nnxfuzz import nnx_api
from nnxfuzz.campaign import boundary, swarm
from nnxfuzz.campaign.events import Settings
from nnxfuzz.campaign.state import State
from nnxfuzz.campaign.work import Batch


def following(state: State, options: Settings, size: int) -> Batch:
    """The next batch of a campaign, which has been given a number then."""
    number, state.next = state.next, state.next + 1
    names: frozenset[str] = nnx_api.choices().difference(options.without)
    features = tuple(sorted(names))
    first = boundary.part(number) if options.boundary else ()
    if options.swarm and not first:
        rng = Random(f"{options.seed} {number}")
        features = swarm.choose(rng, state.history, state.counts, names, number)
    return Batch(
        number,
        min(size, len(first) or size),
        features,
        state.counts.known,
        state.counts.checked,
        options.drawn(number - boundary.parts() if options.boundary else number),
        bool(first),
    )
