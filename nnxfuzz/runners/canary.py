"""Whether this process still works: a plain NNX loop that any sound one runs.

Asked after a refusal, and after each piece of work.  A RecursionError inside of jax, say, leaves an
interpreter in which no trace can be started any more.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.programs.live.build import block


@nnx_api.settled()
def usable() -> bool:
    """The canary, traced and not compiled, which is where NNX's own work happens."""
    alive: list[bool] = []

    def ask(x: Any) -> Any:
        alive.append(canary())
        return x

    try:
        jax.make_jaxpr(ask)(np.zeros(()))
    except Exception:  # not even a trace can be started any more
        return False
    return alive[-1]


def canary() -> bool:
    """Whether the process still runs a plain NNX loop right (call it inside or outside a trace)."""
    module = block(frozenset({"n"}))()
    module.n = nnx_api.VARIABLE_TYPES["Param"](jnp.asarray(0, jnp.int32))

    def body(given: Any) -> Any:
        i, m = given
        nnx_api.assign(m.n, nnx_api.read(m.n) + i)
        return i + 1, m

    try:
        nnx.while_loop(lambda given: given[0] < 3, body, (0, module))
    except Exception:
        return False
    return True
