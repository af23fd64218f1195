"""What a traced function does to objects of Python's own library, and how the report names it."""

import argparse
import array
import contextvars
import functools
import queue
import random
import sys
import threading
import types
from collections.abc import Callable
from typing import Any
from unittest import mock

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import nnxfuzz
from nnxfuzz.checker.checkpoint import Checkpoint

Step = Callable[[Any], Any]


def a_namespace() -> Step:
    seen = types.SimpleNamespace(calls=0)

    def step(x: Any) -> Any:
        seen.calls += 1
        return x

    return step


def parsed_arguments() -> Step:
    args = argparse.Namespace(rate=1)

    def step(x: Any) -> Any:
        args.rate *= 2
        return x

    return step


def what_a_thread_has() -> Step:
    local = threading.local()
    local.depth = 0

    def step(x: Any) -> Any:
        local.depth += 1
        return x

    return step


def a_variable_of_the_context() -> Step:
    calls = contextvars.ContextVar("calls", default=0)
    calls.set(0)

    def step(x: Any) -> Any:
        calls.set(calls.get() + 1)
        return x

    return step


def an_attribute_of_the_function() -> Step:
    def step(x: Any) -> Any:
        step.calls += 1  # type: ignore[attr-defined]
        return x

    step.calls = 0  # type: ignore[attr-defined]
    return step


def an_attribute_of_a_function_that_it_calls() -> Step:
    def count() -> None:
        count.calls += 1  # type: ignore[attr-defined]

    def step(x: Any) -> Any:
        count()
        return x

    count.calls = 0  # type: ignore[attr-defined]
    return step


def bytes_that_grow() -> Step:
    log = bytearray(b"a")

    def step(x: Any) -> Any:
        log.extend(b"bc")
        return x

    return step


def a_view_of_bytes() -> Step:
    log = bytearray(3)
    view = memoryview(log)

    def step(x: Any) -> Any:
        view[1] += 1
        return x

    return step


def an_array_of_python() -> Step:
    sums = array.array("d", [0.0, 0.0])

    def step(x: Any) -> Any:
        sums[1] += 2.0
        return x

    return step


class Counting:
    """An object that is called."""

    calls = 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        return x


def the_only_object_of_a_class() -> Step:
    class Only:
        made: Any = None

        def __new__(cls) -> Any:
            if cls.made is None:
                cls.made = super().__new__(cls)
                cls.made.calls = 0
            return cls.made

    def step(x: Any) -> Any:
        Only().calls += 1
        return x

    return step


def a_module_imported_within() -> Step:
    module = types.ModuleType("settings_of_this_test")
    module.calls = 0  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module

    def step(x: Any) -> Any:
        import settings_of_this_test as settings  # type: ignore[import-not-found]

        settings.calls += 1
        return x

    return step


def a_list_in_an_array_of_numpy() -> Step:
    lists = np.empty(1, object)
    lists[0] = []

    def step(x: Any) -> Any:
        lists[0].append(1)
        return x

    return step


class Counted(np.ndarray):
    """An array with an attribute."""


def an_attribute_of_an_array() -> Step:
    array = np.zeros(2).view(Counted)
    array.calls = 0  # type: ignore[attr-defined]

    def step(x: Any) -> Any:
        array.calls += 1  # type: ignore[attr-defined]
        return x

    return step


def a_list_in_the_place_of_another() -> Step:
    losses: list[Any] = []

    def step(x: Any) -> Any:
        nonlocal losses
        losses = [*losses, 1]
        return x

    return step


def a_dictionary_in_the_place_of_another() -> Step:
    trainer = types.SimpleNamespace(logs={"calls": 0})

    def step(x: Any) -> Any:
        trainer.logs = {**trainer.logs, "calls": trainer.logs["calls"] + 1}
        return x

    return step


#: What is said of the second call of each, once it is compiled.
TOLD: dict[Callable[[], Step], str] = {
    a_list_in_the_place_of_another: "losses is of 2 items in Python, of 1 item with Flax",
    a_dictionary_in_the_place_of_another: "trainer.logs['calls'] is 2 in Python, 1 with Flax",
    Counting: "`Counting.calls` while it is traced",
    the_only_object_of_a_class: "Only.made.calls is 2 in Python, 1 with Flax",
    a_module_imported_within: "settings_of_this_test.calls is 2 in Python, 1 with Flax",
    a_list_in_an_array_of_numpy: "lists[0] is of 2 items in Python, of 1 item with Flax",
    an_attribute_of_an_array: "array.calls is 2 in Python, 1 with Flax",
    a_namespace: "seen.calls is 2 in Python, 1 with Flax",
    parsed_arguments: "args.rate is 4 in Python, 2 with Flax",
    what_a_thread_has: "local.depth is 2 in Python, 1 with Flax",
    a_variable_of_the_context: "calls is 2 in Python, 1 with Flax",
    an_attribute_of_the_function: "step.calls is 2 in Python, 1 with Flax",
    an_attribute_of_a_function_that_it_calls: "count.calls is 2 in Python, 1 with Flax",
    bytes_that_grow: "log is another uint8[5] in Python, another uint8[3] with Flax",
    a_view_of_bytes: "view[1] is 2 in Python, 1 with Flax",
    an_array_of_python: "sums[1] is 4.0 in Python, 2.0 with Flax",
}


@pytest.mark.parametrize("make", TOLD, ids=lambda make: make.__name__)
def test_what_it_holds_is_told(make: Callable[[], Step]) -> None:
    compiled = nnx.jit(make())
    with nnxfuzz.checking() as report:
        for _ in range(2):
            compiled(jnp.ones(2))
    (row,) = report.rows.values()
    first, second = [verdict for _, verdict in row.used]
    assert first.kind == "same"
    assert (second.kind, second.record) == ("deviates", "effects-when-traced")
    assert TOLD[make] in second.told
    assert report.failures == []


def test_a_mock_in_a_module_of_a_library_is_put_back() -> None:
    """A test that counts its calls passes under the check, too."""

    def step(x: Any) -> Any:
        return jax.nn.relu(x)

    with mock.patch.object(jax.nn, "relu", side_effect=jnp.abs) as relu:
        report = nnxfuzz.check(nnx.jit(step), jnp.ones(2), times=1)
    assert relu.call_count == 1
    assert report.ok and report.failures == []


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState, random.Random])
def test_a_method_of_a_generator_is_put_back(make: Callable[[int], Any]) -> None:
    """The function has the method alone, and draws in each run from where it was."""
    generator = make(0)
    draw = generator.random if hasattr(generator, "random") else generator.random_sample
    with nnxfuzz.checking() as report:
        first = nnx.jit(lambda x: x * draw())(jnp.ones(()))
    expected = make(0)
    assert float(first) == pytest.approx(expected.random())
    assert draw() == expected.random()
    assert report.ok and report.failures == []


def test_a_queue_without_a_look_at_its_items_is_not_judged() -> None:
    numbers: queue.SimpleQueue[int] = queue.SimpleQueue()

    def step(x: Any) -> Any:
        numbers.put(1)
        return x

    with nnxfuzz.checking() as report:
        nnx.jit(step)(jnp.ones(2))
    assert report.counts() == {"not judged": 1}
    assert numbers.qsize() == 1


@pytest.mark.parametrize("reads", [False, True])
def test_a_queue_that_the_step_does_not_read_is_left_to_its_threads(reads: bool) -> None:
    class Trainer:
        def __init__(self) -> None:
            self.scale = 2.0
            self.batches: queue.Queue[int] = queue.Queue()

        def step(self, x: Any) -> Any:
            return x * self.scale

        def reading(self, x: Any) -> Any:
            return x * self.batches.qsize()

    trainer = Trainer()
    start = Checkpoint({}, trainer.reading if reads else trainer.step)
    trainer.batches.put(1)  # as a thread does while the call is judged
    start.restore()
    assert trainer.batches.qsize() == (0 if reads else 1)


@pytest.mark.skipif(not hasattr(nnx.Variable, "set_metadata"), reason="its metadata is fixed")
@pytest.mark.parametrize("loses", [False, True])
def test_what_metadata_hold_is_the_programs_own(
    loses: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list there is appended to where the function is traced; another name is no part of it."""
    w = nnx.Param(jnp.ones(2), tags=[], layer="first")

    def step(w: Any) -> None:
        w.get_metadata()["tags"].append("seen")

    @functools.wraps(nnx.jit)
    def forgetful(f: Any, **options: Any) -> Any:
        compiled = jit(f, **options)

        def call(w: Any) -> None:
            compiled(w)
            w.set_metadata(layer="another" if calls else "first")
            calls.append(1)

        return call

    jit, calls = nnx.jit, list[int]()
    if loses:
        monkeypatch.setattr(nnx, "jit", forgetful)
    with nnxfuzz.checking() as report:
        compiled = nnx.jit(step)
        for _ in range(2):
            compiled(w)
    assert report.failures == []
    seen = [v for row in report.rows.values() for _, v in row.used]
    if loses:
        assert [v.kind for v in seen] == ["same", "different"]
    else:
        assert [(v.kind, v.paths) for v in seen] == [("same", ()), ("deviates", ("w['tags']",))]
