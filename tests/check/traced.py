"""Programs that ask a traced array for what it does not have, or jax for what it does not do."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

X, N = jnp.arange(4.0), jnp.array(2)


def a_size() -> Any:
    """The size of an array is an argument."""
    return nnx.jit(lambda n: jnp.zeros((n,)))(N)


def a_slice() -> Any:
    """The end of a slice is an argument."""
    return nnx.jit(lambda x, n: x[:n])(X, N)


def a_number_of_keys() -> Any:
    """As many keys are split off as an argument says."""
    return nnx.jit(lambda key, n: jax.random.split(key, n))(jax.random.key(0), N)


def a_text() -> Any:
    """A loss is formatted for the log."""

    def step(x: Any) -> Any:
        print(f"loss {x.sum():.2f}")
        return x

    return nnx.scan(lambda c, x: (c, step(x)))(0.0, X)


def a_wait() -> Any:
    """A step waits for its result, to measure the time."""
    return nnx.jit(lambda x: (x + 1).block_until_ready())(X)


def an_output_without_an_axis() -> Any:
    """What differs from lane to lane has None in `out_axes`."""
    return nnx.vmap(lambda x: (x, x), out_axes=(0, None))(X)


def an_unknown_name() -> Any:
    """A static name that the function does not have."""
    return nnx.jit(lambda x, train=True: x, static_argnames="training")(X)


def another_failure_of_a_shape() -> Any:
    """The sizes do not fit, traced or not."""
    return nnx.jit(lambda x: x @ jnp.ones(3))(X)


VERDICTS: dict[Callable[[], Any], tuple[str, str, str]] = {
    a_size: ("refused", "refused", "refused"),
    a_slice: ("refused", "refused", "refused"),
    a_number_of_keys: ("refused", "refused", "refused"),
    a_text: ("refused", "refused", "refused"),
    a_wait: ("refused", "refused", "refused"),
    an_output_without_an_axis: ("refused", "refused", "refused"),
    an_unknown_name: ("refused", "refused", "refused"),
    another_failure_of_a_shape: ("same", "same", "same"),
}

SENTENCES: dict[Callable[[], Any], tuple[str, str]] = {
    a_size: ("graph", "asks a traced array for what it does not have"),
    an_output_without_an_axis: ("tree", "`out_axes` has None for it"),
    an_unknown_name: ("graph", "the function has no parameter `training`"),
}
