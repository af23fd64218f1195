"""The tolerance of numbers: a table, and a run in float64 where a change is within it."""

import functools
import inspect
import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx
from live import held, write

import nnxfuzz
from nnxfuzz.checker.report import Report
from nnxfuzz.checker.rounding import rounded_otherwise
from nnxfuzz.checker.verdicts import Verdict
from nnxfuzz.nnx_api import x64


def small_step(weight: Any, x: Any) -> Any:
    """Changes a weight of 1000 by less than the table's tolerance."""
    write(weight, held(weight) + 5e-3 * jnp.sin(x))
    return x


def report_on(lost: bool, monkeypatch: pytest.MonkeyPatch, rtol: float | None = None) -> Report:
    """The report on that step, by a jit that may lose the update."""
    real = nnx.jit

    def jit(f: Any) -> Any:
        made = real(f)

        def call(weight: Any, x: Any) -> Any:
            before = held(weight)
            out = made(weight, x)
            write(weight, before)
            return out

        return call

    jit.__signature__ = inspect.signature(real)  # type: ignore[attr-defined]
    if lost:
        monkeypatch.setattr(nnx, "jit", jit)
    with nnxfuzz.checking(rtol=rtol) as report:
        weight = nnx.Param(jnp.full(3, 1000.0))
        nnx.jit(small_step)(weight, jnp.ones(()))
    assert report.failures == []
    return report


def verdict(report: Report) -> Verdict:
    (row,) = report.rows.values()
    found = row.worst("graph")
    assert found is not None
    return found


def test_a_small_update_that_is_lost_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = verdict(report_on(True, monkeypatch))
    assert (found.kind, found.paths) == ("different", ("weight",))
    assert found.tolerance == "from a run in float64"


def test_a_small_update_that_arrives_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(report_on(False, monkeypatch)).kind == "same"


@pytest.mark.parametrize("part", [1.0, 1j])
def test_complex_numbers_are_compared_as_floats_are(part: complex) -> None:
    """A number of an array that is not updated, by less than the tolerance, and one that is."""

    def step(weight: Any, at: int) -> None:
        by = jnp.full(3, 5e-3 * part, jnp.complex64)
        traced = isinstance(held(weight), jax.core.Tracer)
        write(weight, held(weight) + (by.at[at].set(0) if traced and at < 3 else by))

    for at, kind in ((3, "same"), (0, "different")):
        with warnings.catch_warnings(), nnxfuzz.checking() as report:
            warnings.simplefilter("error")
            nnx.jit(step, static_argnums=1)(nnx.Param(jnp.full(3, 1000 + 1000j)), at)
        assert verdict(report).kind == kind
    assert verdict(report).told == "weight is off by up to 0.005"


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_a_step_along_rounding_alone_is_no_difference(dtype: str) -> None:
    def step(weight: Any, x: Any) -> None:
        by = (x / 3 * 3 - x) + (x * 0.7 / 0.7 - x)
        write(weight, held(weight) - 0.1 * by / (jnp.abs(by) + 1e-12))

    x = jax.random.normal(jax.random.key(1), 16, dtype)
    with nnxfuzz.checking() as report:
        nnx.jit(step)(nnx.Param(jnp.zeros(16, dtype)), x)
    assert verdict(report).kind == "inconclusive"


def test_a_change_as_small_as_rounding_stays_inconclusive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def tiny(weight: Any, x: Any) -> Any:
        write(weight, held(weight) + 6e-5 * x)
        return x

    monkeypatch.setattr("test_numbers.small_step", tiny)
    found = verdict(report_on(True, monkeypatch))
    assert found.kind == "inconclusive"
    assert found.told == "the change of `weight` is within the tolerance"
    assert found.way_out.startswith("check it with JAX_ENABLE_X64=1")


def test_in_float64_such_a_change_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    def tiny(weight: Any, x: Any) -> Any:
        write(weight, held(weight) + 6e-5 * x)
        return x

    monkeypatch.setattr("test_numbers.small_step", tiny)
    with x64():
        found = verdict(report_on(True, monkeypatch))
    assert found.kind == "different"


def test_what_the_body_makes_in_float32_has_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def casts(weight: Any, x: Any) -> Any:
        write(weight, (held(weight) + 5e-3 * x).astype(jnp.float32))
        return x

    monkeypatch.setattr("test_numbers.small_step", casts)
    assert verdict(report_on(True, monkeypatch)).kind == "inconclusive"


def test_a_tolerance_of_the_users_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(report_on(True, monkeypatch, rtol=1e-2)).kind == "inconclusive"


def test_the_run_in_float64_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    report_on(True, monkeypatch)
    assert jnp.ones(1).dtype == jnp.float32
    assert not jax.config.jax_enable_x64


def test_the_report_says_what_was_used(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_on(True, monkeypatch)
    assert "from a run in float64" in report.tolerance
    assert '"tolerance":"from a run in float64"' in report.json()


#: Data of a narrow dtype that a loss reaches by closure.
NARROW = jax.random.normal(jax.random.key(0), (8, 4), jnp.bfloat16)


def mixed_step(model: Any) -> Any:
    """Computes in bfloat16 what it returns in float32, and moves the weights in float32."""

    def loss(model: Any) -> Any:
        return ((model(NARROW) - jnp.bfloat16(1)).astype(jnp.float32) ** 2).mean()

    value, grads = nnx.value_and_grad(loss)(model)
    write(model.kernel, held(model.kernel) - 0.1 * grads.kernel[...])
    return value


def mixed_report(monkeypatch: pytest.MonkeyPatch, lost: bool) -> Verdict:
    model = nnx.Linear(4, 4, dtype=jnp.bfloat16, rngs=nnx.Rngs(0))
    if lost:
        real = nnx.jit

        def jit(f: Any) -> Any:
            def call(model: Any) -> Any:
                before = held(model.kernel)
                out = real(f)(model)
                write(model.kernel, before)
                return out

            return call

        jit.__signature__ = inspect.signature(real)  # type: ignore[attr-defined]
        monkeypatch.setattr(nnx, "jit", jit)
    with nnxfuzz.checking() as report:
        nnx.jit(mixed_step)(model)
    assert report.failures == []
    return verdict(report)


@pytest.mark.slow
def test_roundings_of_a_narrow_dtype_in_between_are_no_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert mixed_report(monkeypatch, lost=False).kind == "same"


@pytest.mark.parametrize(
    "tx",
    [optax.sgd(0.1), pytest.param(optax.adam(1e-2), marks=pytest.mark.slow)],
    ids=["sgd", "adam"],
)
def test_training_in_mixed_precision_is_the_same(tx: Any) -> None:
    """Each weight is off by what bfloat16 rounds of its step, and by far less than the step."""
    model = nnx.Linear(4, 4, dtype=jnp.bfloat16, rngs=nnx.Rngs(0))
    optimizer = nnx.Optimizer(model, tx, wrt=nnx.Param)

    def step(model: Any, optimizer: Any, x: Any) -> Any:
        value, grads = nnx.value_and_grad(lambda m: ((m(x) - 1) ** 2).mean(dtype=jnp.float32))(
            model
        )
        optimizer.update(model, grads)
        return value

    with nnxfuzz.checking() as report:
        for x in jax.random.normal(jax.random.key(0), (3, 8, 4)):
            nnx.jit(step)(model, optimizer, x)
    assert report.failures == []
    assert {v.kind for row in report.rows.values() for v in row.verdicts["graph"]} == {"same"}
    assert "from runs that are off by one rounding" in report.json()


def test_a_step_along_a_gradient_of_rounding_alone_stays_inconclusive() -> None:
    """Adam makes a whole step along the bias before a BatchNorm, whose gradient is zero."""

    class Net(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.linear = nnx.Linear(3, 4, rngs=nnx.Rngs(0))
            self.norm = nnx.BatchNorm(4, rngs=nnx.Rngs(0))

    def step(model: Any, optimizer: Any, x: Any) -> None:
        optimizer.update(model, nnx.grad(lambda m: (m.norm(m.linear(x)) ** 3).mean())(model))

    model = Net()
    optimizer = nnx.Optimizer(model, optax.adam(1e-2), wrt=nnx.Param)
    with nnxfuzz.checking() as report:
        nnx.jit(step)(model, optimizer, jax.random.normal(jax.random.key(0), (8, 3)))
    found = verdict(report)
    assert (found.kind, "model.linear.bias" in found.paths) == ("inconclusive", True)


def test_a_lost_update_of_mixed_precision_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = mixed_report(monkeypatch, lost=True)
    assert (found.kind, found.paths[0]) == ("different", "model.kernel")


def test_other_roundings_are_within_a_few_of_the_dtype() -> None:
    x = jnp.linspace(0.1, 1.0, 7)
    right = np.sin(np.asarray(x, np.float64)) ** 2
    with rounded_otherwise(0):
        first = jax.jit(lambda x: jnp.sin(x) ** 2)(x)
        whole = jnp.arange(3) * 2
    with rounded_otherwise(1):
        second = jnp.sin(x) ** 2
    assert first.tolist() != second.tolist()
    np.testing.assert_allclose(first, right, rtol=5 * jnp.finfo(jnp.float32).eps)
    assert whole.tolist() == [0, 2, 4]
    assert (jnp.sin(x) ** 2).tolist() == (jnp.sin(x) ** 2).tolist()


@pytest.mark.parametrize("generator", ["rbg", "threefry2x32"])
def test_numbers_that_jax_draws_for_a_batch_are_inconclusive(generator: str) -> None:
    def layer(key: Any) -> Any:
        return nnx.Linear(2, 2, rngs=nnx.Rngs(key))

    with jax.default_prng_impl(generator):
        keys = jax.random.split(jax.random.key(0), 3)
        with nnxfuzz.checking() as report:
            nnx.vmap(layer)(keys)
    (row,) = report.rows.values()
    (verdict,) = (row.worst(mode) for mode in report.modes)
    assert verdict is not None
    assert verdict.kind == ("inconclusive" if generator == "rbg" else "same")
    assert bool(verdict.way_out) == (generator == "rbg")


def test_what_is_not_drawn_is_compared_beside_a_batch_of_draws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A lost count is a difference, also where all drawn numbers differ."""

    real = nnx.vmap

    @functools.wraps(real)
    def losing(f: Any, **options: Any) -> Any:
        return real(lambda counter, key: f(nnx.clone(counter), key), **options)

    def layer(counter: Any, key: Any) -> Any:
        write(counter, held(counter) + 1)
        return nnx.Linear(2, 2, rngs=nnx.Rngs(key))

    monkeypatch.setattr(nnx, "vmap", losing)
    with jax.default_prng_impl("rbg"):
        keys = jax.random.split(jax.random.key(0), 3)
        with nnxfuzz.checking() as report:
            nnx.vmap(layer)(nnx.Variable(jnp.zeros(3)), keys)
    assert report.counts() == {"different": 1}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([[1.0, 2.0], [jnp.nan, 5.0]], "result[1, 0] is 3 in Python, nan with Flax"),
        ([[jnp.inf, 2.0], [3.0, 4.0]], "result[0, 0] is 1 in Python, inf with Flax"),
        ([[1.0, 2.0], [3.0, 4.5]], "result is off by up to 0.5"),
    ],
)
def test_a_number_that_only_one_of_them_has_is_told_with_its_place(
    wrong: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = nnx.jit

    def jit(f: Any) -> Any:
        return lambda x: (real(f)(x), jnp.array(wrong))[1]

    jit.__signature__ = inspect.signature(real)  # type: ignore[attr-defined]
    monkeypatch.setattr(nnx, "jit", jit)
    with warnings.catch_warnings(), nnxfuzz.checking() as report:
        warnings.simplefilter("error")
        nnx.jit(lambda x: x + 1.0)(jnp.array([[0.0, 1.0], [2.0, 3.0]]))
    found = verdict(report)
    assert (found.kind, found.told) == ("different", said)


@pytest.mark.parametrize(
    ("x", "whole", "kind"),
    [
        (
            1 / 3,
            lambda x: x * 3 >= 1,
            "inconclusive",
        ),  # whether it is so is a matter of the last bit
        (0.5, lambda x: x * 3 >= 1, "different"),
        (13.0, lambda x: x, "different"),  # cut off it may be 12, and not 0
    ],
)
def test_an_integer_that_depends_on_rounding_is_no_finding(
    x: float, whole: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As is the count of the trips of a loop that ends where an error is small enough."""
    real = nnx.jit

    def jit(f: Any) -> Any:
        return lambda x: (real(f)(x), jnp.array(0))[1]

    jit.__signature__ = inspect.signature(real)  # type: ignore[attr-defined]
    monkeypatch.setattr(nnx, "jit", jit)
    with nnxfuzz.checking() as report:
        nnx.jit(lambda x: whole(x).astype(int))(jnp.array(x))
    found = verdict(report)
    assert found.kind == kind
    assert ("depends on rounding" in found.told) == (kind == "inconclusive")
