"""What a traced function reaches by a name that stands in it as a text: `globals()["n"]`."""

import sys
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx

import nnxfuzz

calls, last = 0, None


class Settings:
    """A class that holds settings."""

    calls = 0


def a_global(x: Any) -> Any:
    globals()["calls"] += 1
    return x


def an_attribute_of_this_module(x: Any) -> Any:
    setattr(sys.modules[__name__], "calls", getattr(sys.modules[__name__], "calls") + 1)  # noqa: B009, B010
    return x


def an_attribute_of_a_class(x: Any) -> Any:
    setattr(Settings, "calls", vars(Settings)["calls"] + 1)  # noqa: B010
    return x


def in_a_function_that_it_calls(x: Any) -> Any:
    def count() -> None:
        globals().update(calls=globals()["calls"] + 1)

    count()
    return x


def a_tracer(x: Any) -> Any:
    globals()["last"] = x * 2
    return x


#: What is said of the second call of each, once it is compiled.
TOLD: dict[Callable[[Any], Any], str] = {
    a_global: "calls is 2 in Python, 1 with Flax",
    an_attribute_of_this_module: "calls is 2 in Python, 1 with Flax",
    an_attribute_of_a_class: "Settings.calls is 2 in Python, 1 with Flax",
    in_a_function_that_it_calls: "calls is 2 in Python, 1 with Flax",
    a_tracer: "last is another float32[2] in Python, a tracer with Flax",
}


@pytest.mark.parametrize("step", TOLD, ids=lambda step: step.__name__)
def test_what_is_reached_by_a_text_is_told_and_put_back(
    step: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for held in (sys.modules[__name__], Settings):
        monkeypatch.setattr(held, "calls", 0)
    monkeypatch.setattr(sys.modules[__name__], "last", None)
    compiled = nnx.jit(step)
    with nnxfuzz.checking() as report:
        for _ in range(2):
            compiled(jnp.ones(2))
    (row,) = report.rows.values()
    _, second = [verdict for _, verdict in row.used]
    assert (second.kind, second.record) == ("deviates", "effects-when-traced")
    assert TOLD[step] in second.told
    assert report.failures == []
    assert calls + Settings.calls == (step is not a_tracer)
