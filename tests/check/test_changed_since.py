"""What a report names of what changed since a function was compiled, where that is no number."""

import os
import types
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx

import nnxfuzz


@pytest.mark.parametrize("through", ["object", "class", "environment"])
def test_what_is_no_number_and_changed_since_is_named(
    through: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that another one replaces, and a variable of the environment."""

    class Layer:
        def __call__(self, x: Any) -> Any:
            return x * float(os.environ.get("FACTOR", "1"))

    held = types.SimpleNamespace(act=lambda x: x)
    layer = Layer()
    compiled = nnx.jit(lambda x: held.act(layer(x)))
    changes: dict[str, tuple[Callable[[], None], str]] = {
        "object": (
            lambda: setattr(held, "act", lambda x: -x),
            "`held.act` is another function now",
        ),
        "class": (
            lambda: setattr(Layer, "__call__", lambda self, x: 2 * x),
            "`Layer.__call__` is another function now",
        ),
        "environment": (lambda: monkeypatch.setenv("FACTOR", "3"), "`os.environ` was of"),
    }
    change, told = changes[through]
    with nnxfuzz.checking() as report:
        compiled(jnp.array(1.0))
        change()
        compiled(jnp.array(1.0))
    ((_, verdict),) = report.findings
    assert f"changed ({told}" in verdict.told


@pytest.mark.skipif(not hasattr(nnx, "static"), reason="no attribute can be marked")
def test_what_changed_in_what_a_module_holds_is_named() -> None:
    """Flax sees no change of a configuration or a static dictionary."""

    class Scaled(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.config = types.SimpleNamespace(factor=2.0)
            self.options = nnx.static({"shift": 0.0})

        def __call__(self, x: Any) -> Any:
            return x * self.config.factor + self.options["shift"]

    layer, compiled = Scaled(), nnx.jit(lambda layer, x: layer(x))
    with nnxfuzz.checking() as report:
        compiled(layer, jnp.array(1.0))
        layer.config.factor, layer.options["shift"] = 3.0, 1.0
        compiled(layer, jnp.array(1.0))
    ((_, verdict),) = report.findings
    assert "`layer.config.factor` was 2.0 and is 3.0" in verdict.told
    assert "`layer.options['shift']` was 0.0 and is 1.0" in verdict.told
