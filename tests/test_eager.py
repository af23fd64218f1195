"""What jax runs of a `shard_map` outside of `jit` is compiled once, and says what it said."""

import importlib
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nnxfuzz import plain
from nnxfuzz.nnx_api import eager, forget

COMPILED = "/jax/core/compile/backend_compile_duration"
#: Has an entry while compilations are counted.
COUNTED: list[list[str]] = []


def count(event: str, seconds: float, **_: Any) -> None:
    if COUNTED and event == COMPILED:
        COUNTED[-1].append(event)


jax.monitoring.register_event_duration_secs_listener(count)


def compilations(run: Callable[[], Any]) -> int:
    with ExitStack() as stack:
        COUNTED.append([])
        stack.callback(COUNTED.pop)
        run()
        return len(COUNTED[-1])


def mesh() -> jax.sharding.Mesh:
    return jax.sharding.Mesh(jax.devices()[:2], ("d",))


def run() -> Any:
    """Some operations of two devices, outside of `jit`."""
    spec = jax.sharding.PartitionSpec("d")

    def f(x: Any) -> Any:
        return jnp.sin(x + x) * jax.lax.psum(x, "d") - x.astype("int32")

    return plain.shard_map(f, mesh=mesh(), in_specs=(spec,), out_specs=spec)(jnp.arange(4.0))


def home() -> Any:
    """The module whose name is replaced."""
    for name in eager._HOMES:
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError:
            continue
        if hasattr(module, eager._NAME):
            return module
    raise AssertionError("this jax has no such name: what nnx_api.eager does is idle")


def test_each_operation_is_compiled_once() -> None:
    run()
    assert compilations(run) == 0


def test_jax_by_itself_compiles_each_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a jax that has mended it is seen, and the hold can go."""
    monkeypatch.setattr(home(), eager._NAME, getattr(home(), eager._NAME).__wrapped__)
    forget()
    alone = run()
    assert compilations(run) >= 4
    monkeypatch.undo()
    np.testing.assert_array_equal(alone, run())


def test_nothing_is_held_once_it_is_forgotten() -> None:
    run()
    forget()
    assert compilations(run) >= 4


def test_a_part_without_a_hash_is_for_jax_to_refuse() -> None:
    made = eager._holding(lambda *parts: list(parts))
    try:
        assert made([1], 2) == [[1], 2]
        assert made(1, 2) is made(1, 2)
    finally:
        eager._RELEASES.pop()


def test_it_is_done_once() -> None:
    before = getattr(home(), eager._NAME)
    eager.hold_operations()
    assert getattr(home(), eager._NAME) is before
