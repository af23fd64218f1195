"""What plain's loops leave in the caller's objects when their function raises."""

from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx

from nnxfuzz import plain


class Unwell(Exception):
    """What the functions raise."""


def raised_at(call: int, shape: bool = False) -> Any:
    """A function that writes to its first argument, and raises at its call number `call`."""
    calls = []

    def f(count: Any, w: Any) -> None:
        calls.append(count)
        count[...] += w[...]
        if len(calls) == call:
            if shape:
                count.value = jnp.zeros(2)
            raise Unwell

    return f


@pytest.mark.filterwarnings("ignore:'.value':DeprecationWarning")
@pytest.mark.parametrize("transform", [plain.scan, plain.vmap])
@pytest.mark.parametrize(
    ("call", "shape", "left"),
    [(1, False, [1, 0, 0]), (2, False, [1, 1, 0]), (2, True, [0, 0, 0])],
)
def test_slices_are_whole_again(transform: Any, call: int, shape: bool, left: list[int]) -> None:
    count, w = nnx.Variable(jnp.zeros(3)), nnx.Param(jnp.ones(3))
    with pytest.raises(Unwell):
        transform(raised_at(call, shape), in_axes=(0, 0), out_axes=0)(count, w)
    assert count.get_value().tolist() == left
    assert w.get_value().tolist() == [1, 1, 1]


@pytest.mark.parametrize("transform", [plain.scan, plain.vmap])
def test_an_array_attribute_is_whole_again(transform: Any) -> None:
    class Box(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.array = jnp.ones((3, 2))

    def f(m: Box) -> None:
        raise Unwell

    m = Box()
    with pytest.raises(Unwell):
        transform(f, in_axes=(0,), out_axes=0)(m)
    assert m.array.shape == (3, 2)


@pytest.mark.parametrize("graph_updates", [True, False])
def test_a_gradient_has_the_form_of_the_argument_as_it_was_given(graph_updates: bool) -> None:
    """Docstring of `jax.grad`: it "has the same shape and type as the positional argument"."""

    class Box(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.w = nnx.Param(jnp.ones(2))

    def loss(m: Box) -> Any:
        m.made = nnx.Param(jnp.ones(2))
        m.w.set_metadata(tag="seen")
        return jnp.sum(m.w[...] * 2)

    m = Box()
    with plain.meaning("python"):
        grads = plain.grad(loss, graph_updates=graph_updates)(m)
    assert not hasattr(grads, "made")
    assert "made" not in dict(nnx.to_flat_state(nnx.state(grads)))
    assert "tag" not in grads.w.get_metadata()
    assert m.w.get_metadata()["tag"] == "seen"
    assert grads.w.get_value().tolist() == [2, 2]
