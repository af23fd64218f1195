"""Functions that ask whether they are traced, and do something else then."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from inner_refusals import Scale
from jax.core import Tracer
from live import bump, held

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.checker.as_traced import ASKS, CATCHES, IS_ASKED, as_traced
from nnxfuzz.checker.verdicts import Verdict

Calls = Callable[[Any, Any], Any]


def counts_where_there_are_numbers(m: Any, x: Any) -> None:
    if not isinstance(x, jax.core.Tracer):
        bump(m.w)


def returns_another(m: Any, x: Any) -> Any:
    return held(m.w) * (2.0 if isinstance(held(m.w), Tracer) else 3.0)


def is_to_be_called_eagerly(m: Any, x: Any) -> Any:
    if isinstance(x, Tracer):
        raise RuntimeError("call it eagerly")
    return x


def takes_a_number_where_there_is_one(m: Any, x: Any) -> Any:
    try:
        return held(m.w) * float(x) * float(TWICE)
    except jax.errors.ConcretizationTypeError:
        return held(m.w) * float(TWICE)


def raises_where_there_is_a_number(m: Any, x: Any) -> Any:
    try:
        if x > 2:
            raise RuntimeError("too large")
    except jax.errors.TracerBoolConversionError:
        pass
    return x


def has_to_have_a_number(m: Any, x: Any) -> Any:
    try:
        return x.item()
    except jax.errors.JAXTypeError:
        raise RuntimeError("call it eagerly") from None


def puts_it_into_an_array_of_numpy(m: Any, x: Any) -> Any:
    np.zeros(2)[0] = x
    return x


#: A constant, which has its number while the function is traced, too.
TWICE = jnp.array(2.0)

#: What each comes to, and how the sentence goes on.
TOLD: dict[Calls, tuple[str, str]] = {
    counts_where_there_are_numbers: ("different", ": m.w is 2.0 in Python, 1.0 with Flax"),
    returns_another: ("different", ": result is 3.0 in Python, 2.0 with Flax"),
    is_to_be_called_eagerly: ("refused", ", and then raises RuntimeError: call it eagerly"),
    takes_a_number_where_there_is_one: ("different", ": result is 6.0 in Python, 2.0 with Flax"),
    raises_where_there_is_a_number: (
        "different",
        ": it returns, and the function raises RuntimeError: too large",
    ),
    has_to_have_a_number: ("refused", ", and then raises RuntimeError: call it eagerly"),
    puts_it_into_an_array_of_numpy: ("refused", ", and then raises ValueError: setting an array"),
}

#: Those that ask whether an array is traced; the others catch an exception.
ASKING = (counts_where_there_are_numbers, returns_another, is_to_be_called_eagerly)


def verdict_on(step: Calls) -> Verdict:
    with nnxfuzz.checking() as report:
        try:
            nnx.jit(step)(Scale(jnp.array(1.0)), jnp.array(3.0))
        except (RuntimeError, ValueError):
            assert TOLD[step][0] == "refused"
    assert report.failures == []
    (row,) = report.rows.values()
    verdict = row.worst("graph")
    assert verdict is not None
    return verdict


@pytest.mark.parametrize("step", TOLD, ids=lambda step: step.__name__)
def test_that_it_asks_is_told(step: Calls) -> None:
    verdict = verdict_on(step)
    kind, told = TOLD[step]
    says = ASKS if step in ASKING else CATCHES if kind == "different" else IS_ASKED
    assert verdict.kind == kind
    assert verdict.told.startswith(says + told)
    assert verdict.way_out == "have it do the same in either case"


def test_it_is_not_the_reason_of_what_it_does_not_explain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The jit loses all that the function writes, and the function asks besides."""

    @functools.wraps(nnx.jit)
    def losing(f: Any, **options: Any) -> Any:
        return lambda m, x: f(nnx.clone(m), x)

    def step(m: Any, x: Any) -> Any:
        counts_where_there_are_numbers(m, x)
        bump(m.w)

    monkeypatch.setattr(nnx, "jit", losing)
    verdict = verdict_on(step)
    assert (verdict.kind, verdict.told) == ("different", "m.w is 3.0 in Python, 1.0 with Flax")


def test_only_the_program_is_told_so() -> None:
    with as_traced():
        assert isinstance(jnp.ones(()), jax.core.Tracer) and isinstance(jnp.ones(()), Tracer)
        assert not isinstance(1.0, Tracer)
        bump(variable := nnx.Variable(jnp.zeros(())))
    assert held(variable) == 1.0
    assert not isinstance(jnp.ones(()), Tracer)
    assert nnx_api.is_variable(variable)
    with as_traced(numbers=True, known=[id(TWICE)]):
        assert float(TWICE) == 2.0 and jnp.ones(()).__repr__()
        with pytest.raises(jax.errors.ConcretizationTypeError):
            float(jnp.ones(()))
    assert float(jnp.ones(())) == 1.0
