"""Modules of which jax knows nothing: `pytree=False`."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from flax import nnx

X = jnp.ones(2)


class Old(nnx.Module, pytree=False):  # type: ignore[misc, call-arg]
    """A module as those before Flax 0.11: its list is no `nnx.List`."""

    def __init__(self) -> None:
        self.layers = [nnx.Linear(2, 2, rngs=nnx.Rngs(0))]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x


class Holder(nnx.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        self.old = nnx.data(Old())


def given_to_jit() -> Any:
    return nnx.jit(lambda m, x: m(x))(Old(), X)


def held_in_a_carry() -> Any:
    return nnx.fori_loop(0, 2, lambda i, c: (c[0], c[0].old(c[1])), (Holder(), X))


def recomputed() -> Any:
    return nnx.remat(lambda m, x: m.old(x))(Holder(), X)


def differentiated() -> Any:
    return nnx.vjp(lambda m: m(X), Old(), graph=False)[0]


def made_and_returned() -> Any:
    return nnx.jit(lambda: Old())()


#: In graph mode, in graph mode without graph updates, and in tree mode.
VERDICTS: dict[Callable[[], Any], tuple[str, str, str]] = {
    given_to_jit: ("same", "same", "refused"),
    held_in_a_carry: ("same", "same", "refused"),
    recomputed: ("same", "same", "refused"),
    differentiated: ("refused", "same", "refused"),
    made_and_returned: ("same", "same", "refused"),
}

SENTENCES = {
    given_to_jit: ("tree", "`m` is a module with pytree=False"),
    held_in_a_carry: ("tree", "`carry[0].old` is a module with pytree=False"),
    recomputed: ("tree", "`m.old` is a module with pytree=False"),
    differentiated: ("tree", "`m` is a module with pytree=False"),
    made_and_returned: ("tree", "`Old` is a module with pytree=False"),
}
