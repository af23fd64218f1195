"""Functions whose parameters have modules as defaults, and what each program comes to."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from flax import nnx
from idioms import Normed
from inner_refusals import Scale
from live import bump, held


class Counted(nnx.Module):  # type: ignore[misc]
    """A factor, and how often it was used."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.array(2.0))
        self.n = nnx.Variable(jnp.array(0.0))

    def __call__(self, x: Any) -> Any:
        bump(self.n)
        return x * held(self.w)


def experts_as_defaults() -> Any:
    """Each branch is a lambda that has its expert as a default, and the expert has statistics."""
    experts = [Normed(), Normed()]
    return nnx.switch(jnp.array(1), [lambda x, e=e: e(x) for e in experts], jnp.ones((3, 2)))


def a_default_by_name_only() -> Any:
    """The default is of a parameter that has no position."""
    counted = Counted()

    def step(x: Any, *, by: Any = counted) -> Any:
        return by(x)

    return nnx.jit(step)(jnp.array(3.0))


def a_default_that_is_read() -> Any:
    """A compiled function reads its default."""
    return nnx.jit(lambda x, by=Counted(): x * held(by.w))(jnp.array(3.0))  # noqa: B008


def a_default_of_a_loss() -> Any:
    """With graph updates the default is an argument of the loss as any other."""
    counted = Counted()
    return nnx.grad(lambda m, by=counted: by(m(2.0)))(Scale(jnp.array(2.0)))


def a_default_for_a_shape() -> Any:
    """Shapes are asked for of a function that writes to its default."""
    counted = Counted()
    return nnx.eval_shape(lambda x, by=counted: by(x), jnp.array(3.0))


def a_default_that_is_not_used() -> Any:
    """The parameter is given, so that its default is out of reach."""
    counted = Counted()
    return nnx.jit(lambda x, by=counted: by(x))(jnp.array(3.0), Counted())


VERDICTS: dict[Callable[[], Any], tuple[str, str, str]] = {
    experts_as_defaults: ("refused", "refused", "refused"),
    a_default_by_name_only: ("refused", "refused", "refused"),
    a_default_that_is_read: ("same", "same", "same"),
    a_default_of_a_loss: ("same", "refused", "refused"),
    a_default_for_a_shape: ("refused", "refused", "refused"),
    a_default_that_is_not_used: ("same", "same", "same"),
}

SENTENCES: dict[Callable[[], Any], tuple[str, str]] = {
    experts_as_defaults: ("graph", "the function writes to `e.norm.mean`, which it reaches"),
    a_default_by_name_only: ("tree", "the function writes to `by.n`, which it reaches by closure"),
    a_default_of_a_loss: ("tree", "the function writes to `by.n`, which it reaches by closure"),
    a_default_for_a_shape: ("graph", "the function writes to `by.n`, which it reaches by closure"),
}
