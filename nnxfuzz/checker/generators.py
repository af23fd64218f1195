"""The random generators of Python and numpy: where one is in its sequence, and how to put it back.

What a function draws from one it draws while it is traced, and Python in each run.
"""

import hashlib
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

#: What has a sequence of random numbers.
GENERATORS = np.random.Generator | np.random.RandomState | random.Random

#: The global ones, by the modules that draw from them.
GLOBAL: Mapping[str, Any] = {
    "random": vars(random)["_inst"],
    "np.random": vars(np.random.mtrand)["_rand"],
}

#: What is said of one that was drawn from.
ELSEWHERE = "is at another place of its random numbers"

#: What to do instead.
DRAW = "draw before the call, or from an nnx.Rngs"


def state_of(generator: Any) -> Any:
    """Where it is in its sequence."""
    if isinstance(generator, np.random.Generator):
        return generator.bit_generator.state
    return generator.getstate() if isinstance(generator, random.Random) else generator.get_state()


def restoring(generator: Any) -> Callable[[], None]:
    """What puts it back to where it is now."""
    state = state_of(generator)

    def restore() -> None:
        if isinstance(generator, np.random.Generator):
            generator.bit_generator.state = state
        elif isinstance(generator, random.Random):
            generator.setstate(state)
        else:
            generator.set_state(state)

    return restore


def digest_of(generator: Any) -> str:
    """Where it is, in a form that is compared."""
    with np.printoptions(threshold=10**4):
        return hashlib.sha256(repr(state_of(generator)).encode()).hexdigest()
