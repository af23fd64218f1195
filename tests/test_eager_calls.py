"""Flax's calls in the plain loop: one that is remembered leaves what one that is done leaves."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.oracle import eager_calls
from nnxfuzz.oracle.eager_calls import called
from nnxfuzz.programs.case import Layer, Streams
from nnxfuzz.programs.live.build import initial
from nnxfuzz.programs.live.layers import LIVE_LAYERS
from nnxfuzz.programs.numbers import number


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eager_calls, "_DONE", {})


def layer(kind: Any) -> Any:
    return initial(Layer(kind)).built(lambda array: array)


def state(value: Any) -> list[Any]:
    raws = [nnx_api.get_raw(variable) for variable in nnx_api.variables_below(value)]
    return [None if raw is None else number(raw).tolist() for raw in raws]


def call(value: Any, x: np.ndarray, done: list[Any]) -> tuple[Any, list[int]]:
    """What a call of a layer returns, and which Variables it wrote."""
    recipe = LIVE_LAYERS[type(value).__name__]  # type: ignore[index]

    def work() -> Any:
        done.append(value)
        return recipe.plainly(value, jnp.asarray(x))

    out, written = called(value, work, ("test", x.tobytes()))
    places = nnx_api.variables_below(value)
    wrote = [k for k, v in enumerate(places) if any(v is other for other in written)]
    return np.asarray(out).tolist(), wrote


@pytest.mark.parametrize("kind", LIVE_LAYERS)
def test_a_remembered_call_leaves_what_the_call_left(kind: Any) -> None:
    one, other = layer(kind), layer(kind)
    done: list[Any] = []
    x = np.full(LIVE_LAYERS[kind].shape, 3, LIVE_LAYERS[kind].dtype)
    for _ in range(3):  # the second call finds what the first has left
        assert call(one, x, done) == call(other, x, done)
        assert state(one) == state(other)
    assert all(value is one for value in done)


def test_other_numbers_in_a_variable_are_another_call() -> None:
    one, other = layer("LayerNorm"), layer("LayerNorm")
    done: list[Any] = []
    x = np.array([[1, 2]], np.float32)
    nnx_api.set_raw(other.scale, np.asarray([5, 5], np.float32))
    assert call(one, x, done)[0] != call(other, x, done)[0]
    call(one, x + 7, done)
    assert len(done) == 3


def test_another_attribute_is_another_call() -> None:
    one, other = layer("Dropout"), layer("Dropout")
    done: list[Any] = []
    x = np.full((2, 2), 3, np.float32)
    other.rate = 0.0
    call(one, x, done)
    assert call(other, x, done)[0] == x.tolist()
    assert done == [one, other]


def test_a_stream_goes_on() -> None:
    rngs = initial(Streams({"default": 1})).built(lambda array: array)
    drawn = [np.asarray(called(rngs, lambda: number(rngs.default()), "key")[0]) for _ in range(3)]
    assert len({key.tobytes() for key in drawn}) == 3


def test_a_call_that_makes_something_is_not_remembered() -> None:
    module = layer("LayerNorm")
    done: list[int] = []

    def grow() -> None:
        done.append(1)
        setattr(module, f"more{len(done)}", nnx.Param(jnp.zeros(())))

    for _ in range(2):
        called(module, grow, "grow")
    fresh = layer("LayerNorm")
    called(fresh, grow, "grow")
    assert len(done) == 3
