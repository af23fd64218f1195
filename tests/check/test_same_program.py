"""A program does the same with the check and without it."""

import importlib.util
import sys
import warnings
import weakref
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from live import bump, held

import nnxfuzz
from nnxfuzz import plain


class Counter(nnx.Module):  # type: ignore[misc]
    """A module that counts."""

    def __init__(self) -> None:
        self.n = nnx.Variable(jnp.array(0))


def test_what_transforms_return_are_flaxs_objects() -> None:
    plain = type(nnx.jit(lambda x: x))
    with nnxfuzz.checking():
        jitted = nnx.jit(lambda x: x + 1)
        assert type(jitted) is plain
        if hasattr(jitted, "lower"):  # from 0.10.2 on
            assert jitted.lower(jnp.array(1)).compile() is not None
        assert isinstance(nnx.jit(static_argnums=0), type(nnx.vmap()))

        @nnx.vmap  # type: ignore[untyped-decorator]
        def lanes(x: Any) -> Any:
            """A docstring."""
            return x

        assert (lanes.__name__, lanes.__doc__) == ("lanes", "A docstring.")


def test_flax_is_as_before_afterwards() -> None:
    before = {name: getattr(nnx, name) for name in plain.TRANSFORMS if hasattr(nnx, name)}
    call = type(nnx.jit(lambda x: x)).__call__
    with nnxfuzz.checking():
        assert nnx.scan is not before["scan"]
    assert all(getattr(nnx, name) is held for name, held in before.items())
    assert type(nnx.jit(lambda x: x)).__call__ is call


def test_a_function_made_during_the_check_works_after_it() -> None:
    with nnxfuzz.checking() as report:
        lanes = nnx.vmap(lambda x: x + 1)
    assert lanes(jnp.zeros(2)).tolist() == [1.0, 1.0]
    assert report.calls == 0


@pytest.mark.skipif(not hasattr(nnx, "fori_loop"), reason="this release has no fori_loop")
def test_results_are_the_callers_objects() -> None:
    counter = Counter()

    def step(i: Any, carry: Counter) -> Counter:
        bump(carry.n)
        return carry

    variable = counter.n
    with nnxfuzz.checking("all"):
        got = nnx.fori_loop(0, 3, step, counter)
    assert got is counter
    assert counter.n is variable
    assert int(held(variable)) == 3


def _write(self: Any) -> None:
    bump(self.n)


#: Such a class says that it is of the module `abc`, which is a library's.
MADE = type("Made", (nnx.Module,), {"__init__": Counter.__init__, "step": _write})


def test_an_object_of_a_class_that_is_made_by_a_call_is_put_back() -> None:
    counter = MADE()
    with nnxfuzz.checking("all") as report:
        nnx.jit(lambda m: m.step())(counter)
    assert int(held(counter.n)) == 1
    assert report.counts() == {"same": 1}


def test_a_module_of_the_program_may_have_a_name_of_pythons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "wave.py"
    path.write_text("CALLS = []\n\ndef body(x):\n    CALLS.append(1)\n    return x\n")
    spec = importlib.util.spec_from_file_location("wave", path)
    assert spec is not None and spec.loader is not None
    wave = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "wave", wave)
    spec.loader.exec_module(wave)
    with nnxfuzz.checking("all"):
        nnx.jit(wave.body)(jnp.ones(2))
    assert wave.CALLS == [1]


#: What it refers to is gone.
GONE = weakref.proxy(Counter())


def test_a_weak_proxy_of_what_is_gone_is_no_failure() -> None:
    held = {"gone": GONE}

    def body(x: Any) -> Any:
        try:
            return x * GONE.scale
        except ReferenceError:
            return x * len(held)

    with nnxfuzz.checking("all") as report:
        nnx.jit(body)(jnp.ones(2))
    assert report.failures == []
    assert report.counts() == {"same": 1}


def test_prints_and_warnings_come_once(capsys: pytest.CaptureFixture[str]) -> None:
    def step(x: Any) -> Any:
        print("in the body")
        warnings.warn("beware", UserWarning, stacklevel=1)
        jax.debug.print("number {}", x)
        return x

    with warnings.catch_warnings(record=True) as heard, nnxfuzz.checking("all"):
        warnings.simplefilter("always")
        nnx.jit(step)(jnp.array(1))
        jax.effects_barrier()
    assert capsys.readouterr().out == "in the body\nnumber 1\n"
    assert [str(w.message) for w in heard if w.category is UserWarning] == ["beware"]


def test_traces_are_counted_as_without_the_check() -> None:
    def traces(n: int) -> int:
        count = 0

        @jax.jit  # type: ignore[untyped-decorator]
        def inner(x: Any) -> Any:
            nonlocal count
            count += 1
            return x + 1

        @nnx.jit  # type: ignore[untyped-decorator]
        def outer(x: Any) -> Any:
            nonlocal count
            count += 10
            return inner(x)

        for _ in range(n):
            outer(jnp.array(1.0))
        return count

    alone = traces(3)
    with nnxfuzz.checking("all"):
        assert traces(3) == alone


def test_an_exception_comes_out_as_it_is() -> None:
    class Own(Exception):
        """The program's."""

    error = Own("mine")
    counter = Counter()

    def step(counter: Counter) -> None:
        bump(counter.n)
        raise error

    with nnxfuzz.checking("all") as report, pytest.raises(Own) as caught:
        nnx.jit(step)(counter)
    assert caught.value is error
    assert int(held(counter.n)) == 0
    assert report.counts() == {"deviates": 1}  # in Python the counter has counted by then


def test_donated_buffers_are_donated_and_the_results_right() -> None:
    def run() -> tuple[bool, list[float], float]:
        counter, x = Counter(), jnp.arange(3.0)
        buffer = held(counter.n)

        def step(counter: Counter, x: Any, others: Any) -> Any:
            bump(counter.n)
            return x + 1 + others[0]

        out = nnx.jit(step, donate_argnums=(0, 1, 2))(counter, x, [jnp.arange(3.0)])
        return x.is_deleted() and buffer.is_deleted(), out.tolist(), float(held(counter.n))

    alone = run()
    with nnxfuzz.checking("all") as report:
        assert run() == alone
    assert report.counts() == {"same": 1}


def test_random_numbers_and_arrays_of_the_host_are_as_without_the_check() -> None:
    def run() -> tuple[list[float], list[float]]:
        np.random.seed(0)
        seen = np.zeros(2)

        def step(x: Any) -> Any:
            seen[0] += np.random.rand()
            return x

        nnx.jit(step)(jnp.array(1))
        return seen.tolist(), np.random.rand(2).tolist()

    alone = run()
    with nnxfuzz.checking("all"):
        assert run() == alone


def test_a_failure_of_the_checker_is_told_and_the_result_handed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*args: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr("nnxfuzz.checker.watch.verdict_on", broken)
    with nnxfuzz.checking() as report:
        assert int(nnx.jit(lambda x: x + 1)(jnp.array(1))) == 2
    ((site, trace),) = report.failures
    assert site.file == __file__
    assert "RuntimeError: broken" in trace
    assert "1 calls could not be judged because nnxfuzz failed" in str(report)
