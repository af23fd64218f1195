"""A checkpoint puts back everything that a call reaches, and says what it cannot."""

import argparse
import array
import collections
import contextvars
import functools
import os
import queue
import random
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any
from unittest import mock

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from live import bump, held, write

from nnxfuzz import nnx_api
from nnxfuzz.checker.checkpoint import Checkpoint
from nnxfuzz.checker.reach import TooMuch

COUNT = 0
LOG: list[int] = []


class Settings:
    """An object of a user's, with state of its class."""

    made = 0

    def __init__(self) -> None:
        self.steps = [1]
        self.name = "a"


class Slotted:
    """An object whose attributes have slots."""

    __slots__ = ("steps",)

    def __init__(self) -> None:
        self.steps = 1


class Counter(nnx.Module):  # type: ignore[misc]
    """A module with a Variable, a list and a static attribute."""

    def __init__(self) -> None:
        self.n = nnx.Variable(jnp.array(0))
        self.calls = 0


def _closure() -> tuple[Callable[[], None], Callable[[], Any]]:
    trips = 0

    def step() -> None:
        nonlocal trips
        trips += 1

    return step, lambda: trips


def _global() -> tuple[Callable[[], None], Callable[[], Any]]:
    def step() -> None:
        global COUNT
        COUNT += 1

    return step, lambda: COUNT


def _through_a_function() -> tuple[Callable[[], None], Callable[[], Any]]:
    def note() -> None:
        LOG.append(len(LOG))

    def step() -> None:
        note()

    return step, lambda: list(LOG)


def _attributes() -> tuple[Callable[[], None], Callable[[], Any]]:
    settings, slotted = Settings(), Slotted()

    def step() -> None:
        settings.steps.append(2)
        settings.name = "b"
        settings.more = 1  # type: ignore[attr-defined]
        slotted.steps = 2
        Settings.made += 1

    return step, lambda: (dict(vars(settings)), slotted.steps, Settings.made)


def _containers() -> tuple[Callable[[], None], Callable[[], Any]]:
    held = {"a": [1], "b": {2}}
    queue = collections.deque([1, 2])

    def step() -> None:
        held["a"].append(2)  # type: ignore[attr-defined]
        held["b"].add(3)  # type: ignore[attr-defined]
        held["c"] = [4]
        queue.popleft()

    return step, lambda: (str(held), list(queue))


def _registries() -> tuple[Callable[[], None], Callable[[], Any]]:
    local, kept = threading.local(), contextvars.ContextVar("kept", default=0)
    lines: queue.Queue[str] = queue.Queue()
    settings, known = Settings(), weakref.WeakKeyDictionary[Any, Any]()
    owner, gone = Settings(), weakref.proxy(Settings())
    referred, proxy = weakref.ref(owner), weakref.proxy(owner)
    local.depth = 1
    kept.set(1)

    class Counted(type):
        made = 0

    class Made(metaclass=Counted):
        pass

    def step() -> None:
        local.depth += 1
        kept.set(kept.get() + 1)
        lines.put("x")
        known[settings] = len(known)
        seen = referred()
        assert seen is not None
        seen.steps.append(3)
        proxy.steps.append(4)
        type(Made).made += isinstance(type(gone), type)

    return step, lambda: (
        (local.depth, kept.get(), lines.qsize(), dict(known)),
        (Counted.made, list(owner.steps), type(gone)),
    )


def _numpy() -> tuple[Callable[[], None], Callable[[], Any]]:
    zeros = np.zeros(3)
    own = np.random.default_rng(0)

    def step() -> None:
        zeros[1] = random.random() + np.random.rand() + own.random()

    def state() -> Any:
        position = np.random.get_state(legacy=False)["state"]["pos"]
        return zeros.tolist(), random.getstate(), position, own.bit_generator.state

    return step, state


def _module() -> tuple[Callable[[], None], Callable[[], Any]]:
    counter = Counter()

    def step() -> None:
        bump(counter.n)
        counter.calls += 1
        counter.w = nnx.Param(jnp.array(1.0))
        nnx_api.set_metadata(counter.n, {**counter.n.get_metadata(), "note": 1})

    def state() -> Any:
        return int(held(counter.n)), counter.calls, sorted(vars(counter)), counter.n.get_metadata()

    return step, state


def _partial() -> tuple[Callable[[], None], Callable[[], Any]]:
    seen: list[int] = []

    def step(seen: list[int], more: list[int] = []) -> None:  # noqa: B006
        seen.append(1)
        more.append(2)

    bound = functools.partial(step, seen)
    return bound, lambda: (list(seen), step.__defaults__ and list(step.__defaults__[0]))


class Tagged(list):  # type: ignore[type-arg]
    """A list of a user's that has an attribute, too, and an `extend` of its own."""

    tag = 0

    def extend(self, items: Any) -> None:
        raise AssertionError("the program's own method")


def _of_the_standard_library() -> tuple[Callable[[], None], Callable[[], Any]]:
    counter, ordered, tagged = collections.Counter("aab"), collections.OrderedDict(a=1), Tagged([1])
    spaces = types.SimpleNamespace(n=0), argparse.Namespace(n=0)
    drawn, data, numbers = np.random.RandomState(0), bytearray(b"a"), array.array("i", [1])
    spy, viewed = mock.Mock(), bytearray(2)
    view = memoryview(viewed)

    def step() -> None:
        step.calls += 1  # type: ignore[attr-defined]
        view[0] += 1
        os.environ["NNXFUZZ_TRIED"] = "1"
        counter["a"] += 1
        ordered["b"] = 2
        tagged.append(2)
        tagged.tag += 1
        for space in spaces:
            space.n += 1
        data.extend(bytes([int(drawn.rand() * 200)]))
        numbers.append(2)
        spy.method(1)

    step.calls = 0  # type: ignore[attr-defined]
    os.environ.pop("NNXFUZZ_TRIED", None)

    def state() -> Any:
        position = drawn.get_state(legacy=False)["state"]["pos"]
        spaced = [vars(space).copy() for space in spaces]
        calls = step.calls  # type: ignore[attr-defined]
        held = (
            dict(counter),
            list(ordered),
            list(tagged),
            tagged.tag,
            spaced,
            calls,
            bytes(viewed),
        )
        environment = os.environ.get("NNXFUZZ_TRIED")
        return held, environment, position, bytes(data), list(numbers), spy.method.call_count

    return step, state


STATES = {
    f.__name__: f
    for f in (
        _closure,
        _global,
        _through_a_function,
        _attributes,
        _containers,
        _numpy,
        _module,
        _partial,
        _of_the_standard_library,
        _registries,
    )
}


@pytest.mark.parametrize("name", STATES)
def test_what_a_function_changes_is_put_back(name: str) -> None:
    step, state = STATES[name]()
    before = state()
    checkpoint = Checkpoint({}, step)
    step()
    assert state() != before
    checkpoint.restore()
    assert state() == before


def test_what_is_put_back_are_the_objects_themselves() -> None:
    counter = Counter()
    variable = counter.n
    checkpoint = Checkpoint({"counter": counter}, None)
    counter.n = nnx.Variable(jnp.array(5))
    checkpoint.restore()
    assert counter.n is variable


def test_a_later_checkpoint_keeps_what_nothing_reaches_any_more() -> None:
    counter = Counter()
    variable = counter.n
    start = Checkpoint({"counter": counter}, None)
    del counter.n
    after = Checkpoint({"counter": counter}, None, earlier=start)
    write(variable, jnp.array(7))
    start.restore()
    after.restore()
    assert not hasattr(counter, "n")
    assert int(held(variable)) == 0


def test_a_donated_array_comes_back_as_a_copy() -> None:
    array = jnp.arange(3.0)
    checkpoint = Checkpoint({"x": array}, None, donates=True)
    array.delete()
    for _ in range(2):
        checkpoint.restore()
        given = checkpoint.revived((array, 1))[0]
        assert given.tolist() == [0.0, 1.0, 2.0]
        given.delete()


def test_an_iterator_is_named() -> None:
    batches = iter([1, 2])

    def step() -> int:
        return next(batches)

    assert Checkpoint({}, step).fixed == ["list_iterator batches"]


class Trainer:
    """Holds the iterator of its data, and a list of such."""

    def __init__(self) -> None:
        self.batches, self.lists = iter([1, 2]), {"a": [iter([1])]}

    def step(self) -> int:
        return 1

    def reads(self) -> int:
        return next(self.batches)

    def reads_by_name(self) -> Any:
        return next(getattr(self, "batch" + "es"))

    def reads_a_list(self) -> int:
        return self.step() + next(self.lists["a"][0])


@pytest.mark.parametrize(
    "method, fixed",
    [
        ("step", []),
        ("reads", ["list_iterator self.batches"]),
        ("reads_by_name", ["list_iterator self.batches", "list_iterator self.lists['a'][0]"]),
        ("reads_a_list", ["list_iterator self.lists['a'][0]"]),
    ],
)
def test_an_iterator_that_no_code_names_is_none(method: str, fixed: list[str]) -> None:
    assert Checkpoint({}, getattr(Trainer(), method)).fixed == fixed


class Reader(Trainer):
    """Holds all of its data, as lists of Python and as one array."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = [[k, k + 1] for k in range(2000)]
        self.table = np.zeros(2**20)

    def counts(self) -> int:
        return len(self.rows)

    def sums(self) -> Any:
        return self.table.sum()


@pytest.mark.parametrize(
    "method, rows, table", [("step", 0, 0), ("counts", 2001, 0), ("sums", 0, 1)]
)
def test_a_data_set_is_looked_at_if_some_code_reads_it(method: str, rows: int, table: int) -> None:
    reader = Reader()
    checkpoint = Checkpoint({}, getattr(reader, method))
    values = [reached.value for reached in checkpoint._reach.objects]
    lists = [v for v in values if isinstance(v, list) and v is not reader.lists["a"]]
    assert len(lists) == rows
    assert sum(isinstance(v, np.ndarray) for v in values) == table


def test_a_module_that_is_reached_by_the_same_name_is_looked_at_whole() -> None:
    """Code of Flax reads its attributes, and the program's may not name them."""

    def of(self: Any) -> Callable[[], Any]:
        return lambda: self

    wide = Counter()
    wide.rows = nnx.static([0] * 2000) if hasattr(nnx, "static") else [0] * 2000
    for functions in [(of(Reader()), of(wide)), (of(wide), of(Reader()))]:
        reached = Checkpoint({}, functions)._reach.objects
        assert any(one.value is wide.rows for one in reached)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(TooMuch, match="more than 10 bytes of arrays to be copied"):
        Checkpoint({"x": np.zeros(3)}, None, max_bytes=10)


def test_what_a_function_reaches_besides_its_arguments_is_named() -> None:
    counter, given = Counter(), Counter()

    def step(given: Counter) -> Any:
        return held(counter.n) + held(given.n)

    closure = Checkpoint({"given": given}, step).closure()
    assert list(closure) == ["counter"]
    assert closure["counter"] is counter
