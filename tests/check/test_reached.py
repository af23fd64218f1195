"""Ways by which a function gets to a module that is no argument: to write there is refused."""

import contextvars
import functools
import weakref
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx
from inner_refusals import Scale
from live import held

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.programs.versions import version

Step = Callable[[Any], Any]


def write(m: Scale) -> Any:
    m.w.value = held(m.w) + 1.0
    return held(m.w)


def a_single_dispatch(m: Scale) -> Step:
    @functools.singledispatch
    def step(x: Any) -> Any:
        return x * write(m)

    step.register(str, len)
    return lambda x: step(x)


def a_class(m: Scale) -> Step:
    class Holder:
        one: Any = None

        @classmethod
        def get(cls) -> Any:
            return cls.one

    Holder.one = m
    return lambda x: x * write(Holder.get())


def a_metaclass(m: Scale) -> Step:
    class Meta(type):
        one = m

    class Holder(metaclass=Meta):
        pass

    return lambda x: x * write(Holder.one)


def the_default_of_a_variable_of_the_context(m: Scale) -> Step:
    current = contextvars.ContextVar("current", default=m)
    return lambda x: x * write(current.get())


def a_weak_reference(m: Scale) -> Step:
    found = weakref.ref(m)
    return lambda x: x * write(found())  # type: ignore[arg-type]


def a_slot(m: Scale) -> Step:
    class Holder:
        __slots__ = ("m",)
        m: Scale

        def __call__(self, x: Any) -> Any:
            return x * write(self.m)

    holder = Holder()
    holder.m = m
    return holder


def a_descriptor(m: Scale) -> Step:
    class Shared:
        def __get__(self, owner: Any, kind: Any = None) -> Any:
            return m

    class Holder:
        one = Shared()

    holder = Holder()
    return lambda x: x * write(holder.one)


def an_attribute_that_is_made_up(m: Scale) -> Step:
    class Proxy:
        def __getattr__(self, name: str) -> Any:
            return getattr(m, name)

    proxy = Proxy()
    return lambda x: x * write(proxy)  # type: ignore[arg-type]


WAYS = [
    a_single_dispatch,
    a_class,
    a_metaclass,
    the_default_of_a_variable_of_the_context,
    a_weak_reference,
    a_slot,
    a_descriptor,
    an_attribute_that_is_made_up,
]


@pytest.mark.skipif(nnx_api.release() < version("0.10.5"), reason="it lets the function write")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_write_to_what_is_no_argument_is_a_refusal_for_that(way: Callable[[Scale], Step]) -> None:
    m = Scale(jnp.array(2.0))
    step = way(m)
    with (
        nnxfuzz.checking(modes="all") as report,
        pytest.raises(Exception, match="different trace level"),
    ):
        nnx.jit(step)(jnp.ones(()))
    assert not report.failures
    (row,) = report.rows.values()
    seen = [v for every in row.verdicts.values() for v in every]
    assert {(v.kind, v.record) for v in seen} == {("refused", "closure-written")}
    assert held(m.w) == 2.0


@pytest.mark.skipif(nnx_api.release() < version("0.10.5"), reason="it lets the function write")
def test_a_function_that_is_given_the_callers_own_module_is_a_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It reaches another module of the class by closure, which is not what is written."""
    jit, m, other = nnx.jit, Scale(jnp.array(2.0)), Scale(jnp.array(3.0))

    @functools.wraps(jit)
    def sharing(f: Any, **options: Any) -> Any:
        compiled = jit(lambda given, x: f(m, x), **options)
        return lambda given, x: compiled(given, x)

    monkeypatch.setattr(nnx, "jit", sharing)
    with (
        nnxfuzz.checking() as report,
        pytest.raises(Exception, match="different trace level"),
    ):
        nnx.jit(lambda m, x: write(m) * held(other.w) * x)(m, jnp.ones(()))
    assert not report.failures
    ((_, verdict),) = report.findings
    assert verdict.kind == "unexplained refusal"
