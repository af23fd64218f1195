"""The executors agree: what the tracing one computes with numpy is what XLA computes."""

import inspect
import re
import warnings
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jax import lax

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.reference import run_python
from nnxfuzz.oracle.verdict import Failure, Finding, Signature, Verdict
from nnxfuzz.programs.case import TRANSFORMS, Arm, Case, Update, fits
from nnxfuzz.runners import EXECUTORS, Executor, Observed, confirming, observe
from nnxfuzz.runners.evaluate import RULES, evaluate
from nnxfuzz.runners.judge import compare, judge
from nnxfuzz.strategies import programs

pytestmark = pytest.mark.slow

Function = Callable[..., Any]

NUMBERS: dict[str, Any] = {
    "int32": np.array([0, 1, -1, 7, 2**31 - 1, -(2**31)], np.int32),
    "float32": np.array([0, -0.0, 1.5, 1e38, np.nan, np.inf, -np.inf, 3], np.float32),
    "bfloat16": np.array([0, -0.0, 1.5, 256, np.nan, np.inf, -np.inf, 3], ml_dtypes.bfloat16),
    "bool": np.array([True, False]),
    "empty": np.zeros((0, 2), np.float32),
    "scalar": np.array(3, np.int32),
}
ARITHMETIC = [name for name in NUMBERS if name != "bool"]


def assert_as_xla(function: Function, *arrays: Any) -> None:
    """Evaluating the jaxpr gives bit for bit what calling the function gives."""
    closed = jax.make_jaxpr(function)(*arrays)
    got = evaluate(closed, list(arrays))
    wanted = jax.tree.leaves(jax.jit(function)(*arrays))
    assert len(got) == len(wanted)
    for one, other in zip(got, wanted, strict=True):
        one, other = np.asarray(one), np.asarray(other)
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert_same_numbers(one, other)


def assert_same_numbers(one: np.ndarray, other: np.ndarray) -> None:
    """Equal bit for bit, but for which NaN a NaN is."""
    if one.dtype.kind in "iub":
        np.testing.assert_array_equal(one, other)
        return
    wide, wanted = one.astype(np.float64), other.astype(np.float64)
    np.testing.assert_array_equal(wide, wanted)
    numbers = ~np.isnan(wide)
    np.testing.assert_array_equal(np.signbit(wide)[numbers], np.signbit(wanted)[numbers])


# --- the rules, one by one ------------------------------------------------------------------

BINARY: dict[str, Function] = {
    "add": lax.add,
    "sub": lax.sub,
    "mul": lax.mul,
    "max": lax.max,
    "min": lax.min,
    "lt": lax.lt,
    "le": lax.le,
    "gt": lax.gt,
    "ge": lax.ge,
    "eq": lax.eq,
    "ne": lax.ne,
}


@pytest.mark.parametrize("dtype", ARITHMETIC)
@pytest.mark.parametrize("name", BINARY)
def test_elementwise_rules_compute_as_xla_does(name: str, dtype: str) -> None:
    x = NUMBERS[dtype]
    y = x[::-1] if x.ndim else x
    assert name in RULES
    assert_as_xla(BINARY[name], x, y)


@pytest.mark.parametrize("dtype", ["int32", "bool"])
@pytest.mark.parametrize("name", ["and", "or"])
def test_bitwise_rules_compute_as_xla_does(name: str, dtype: str) -> None:
    x = NUMBERS[dtype]
    function = {"and": lax.bitwise_and, "or": lax.bitwise_or}[name]
    assert_as_xla(function, x, x[::-1])


@pytest.mark.parametrize("dtype", ["int32", "bool"])
def test_not_computes_as_xla_does(dtype: str) -> None:
    assert_as_xla(lax.bitwise_not, NUMBERS[dtype])


def test_int32_wraps_around() -> None:
    x = np.array([2**31 - 1, -(2**31), 65536], np.int32)
    assert_as_xla(lambda a: (a + a, a * a, a - (-a)), x)


@pytest.mark.parametrize("target", ["int32", "float32", "bfloat16", "bool"])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_conversion_rounds_and_clamps_as_xla_does(dtype: str, target: str) -> None:
    assert_as_xla(lambda x: lax.convert_element_type(x, target), NUMBERS[dtype])


@pytest.mark.parametrize("dtype", ["int32", "float32", "bfloat16", "empty", "scalar"])
def test_sums_are_those_of_xla(dtype: str) -> None:
    x = NUMBERS[dtype]
    assert_as_xla(lambda a: jnp.sum(a, dtype=a.dtype), x)
    assert_as_xla(lambda a: jnp.sum(a, dtype=a.dtype), x[:4] if x.ndim else x)


def test_a_sum_over_one_axis_keeps_the_others() -> None:
    assert_as_xla(lambda a: jnp.sum(a, axis=1), np.arange(6, dtype=np.float32).reshape(2, 3))


def test_shapes_change_as_in_xla() -> None:
    x = np.arange(6, dtype=np.int32).reshape(2, 1, 3)
    assert_as_xla(lambda a: lax.squeeze(a, (1,)), x)
    assert_as_xla(lambda a: lax.expand_dims(a, (0,)), x)
    assert_as_xla(lambda a: lax.broadcast_in_dim(a, (2, 4, 3), (0, 1, 2)), x)
    assert_as_xla(lambda a: lax.broadcast_in_dim(a[0, 0], (2, 3), (1,)), x)
    assert_as_xla(lambda a: jnp.broadcast_to(a, (2, 3)), NUMBERS["scalar"])


def test_iota_counts_along_its_dimension() -> None:
    assert_as_xla(lambda: lax.broadcasted_iota(jnp.int32, (2, 3), 1))
    assert_as_xla(lambda: lax.iota(jnp.int32, 0))


#: What each further rule computes, and the dtypes on which it does.
FURTHER: dict[str, tuple[Function, tuple[str, ...]]] = {
    "div": (lambda x, y: (lax.div(x, y), x / y[0]), ("int32", "float32", "bfloat16")),
    "rem": (lax.rem, ("int32", "float32")),
    "neg": (lax.neg, ("int32", "float32", "bfloat16")),
    "sqrt": (lax.sqrt, ("float32",)),
    "square": (lax.square, ("int32", "float32", "bfloat16")),
    "integer_pow": (lambda x: (lax.integer_pow(x, 2), lax.integer_pow(x, 3)), ("int32", "float32")),
    "shift_right_logical": (lax.shift_right_logical, ("uint32",)),
    "select_n": (lambda x, y: lax.select_n(x > y, x, y), ("int32", "float32", "bfloat16")),
    "convert_element_type": (lambda x: x.astype(jnp.int32), ("float32", "bfloat16", "uint32")),
    "bitcast_convert_type": (
        lambda x: (lax.bitcast_convert_type(x, jnp.uint32), lax.bitcast_convert_type(x, jnp.int16)),
        ("int32", "float32"),
    ),
    "transpose": (lambda x: lax.transpose(x.reshape(2, 2), (1, 0)), ("int32", "float32")),
    "reshape": (
        lambda x: (x.reshape(2, 1, 2), lax.reshape(x.reshape(2, 2), (1, 4), (1, 0))),
        ("int32", "bfloat16"),
    ),
    "concatenate": (lambda x, y: lax.concatenate([x, y, x], 0), ("int32", "bfloat16")),
    "split": (lambda x: jnp.split(x, [1]), ("int32", "float32")),
}


def words(count: int) -> st.SearchStrategy[np.ndarray]:
    """Random bits, small whole numbers and zeros: in four bytes each."""
    word = st.integers(0, 2**32 - 1) | st.integers(0, 40) | st.just(0x3F800000) | st.just(0)
    return st.lists(word, min_size=count, max_size=count).map(lambda xs: np.array(xs, np.uint32))


@pytest.mark.parametrize("name", FURTHER)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_further_rules_compute_as_xla_does(name: str, data: st.DataObject) -> None:
    function, dtypes = FURTHER[name]
    assert name in RULES
    dtype = data.draw(st.sampled_from(dtypes))
    count = function.__code__.co_argcount if hasattr(function, "__code__") else 2
    unary = name in ("neg", "sqrt", "square")
    arrays = [of_words(data.draw(words(4)), dtype) for _ in range(1 if unary else count)]
    assert_as_xla(function, *arrays)


def of_words(bits: np.ndarray, dtype: str) -> np.ndarray:
    """Numbers of these bits; zeros for finite ones that may lead to subnormal ones, which XLA makes
    zeros of.
    """
    if dtype in ("int32", "uint32"):
        return bits.view(dtype)
    numbers = bits.view(np.float32)
    size = np.abs(numbers)
    far = np.isfinite(size) & ((size < 2.0**-30) | (size > 2.0**60))
    numbers = np.where(far, np.float32(0), numbers)
    return numbers.astype(NUMBERS[dtype].dtype)


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_random_bits_are_remembered_by_key_and_shape(bits: int) -> None:
    def drawn(seed: Any) -> Any:
        key = jax.random.fold_in(jax.random.key(seed), 3)
        return [jax.random.bits(key, shape, f"uint{bits}") for shape in ((2,), (3,), (2, 2))]

    for seed in (1, 2, 1):
        assert_as_xla(drawn, np.int32(seed))


def test_an_unknown_primitive_runs_through_its_own_implementation() -> None:
    assert "dot_general" not in RULES
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert_as_xla(lambda a: a @ a.T, x)
    assert_as_xla(lambda a: jnp.sort(a, axis=1), x)


# --- loops and calls ------------------------------------------------------------------------


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("length", [0, 1, 4])
def test_scan_stacks_by_position_in_either_direction(length: int, reverse: bool) -> None:
    xs = np.arange(length * 2, dtype=np.int32).reshape(length, 2)

    def scanned(start: Any, rows: Any) -> Any:
        def body(carry: Any, row: Any) -> Any:
            return (carry[0] + row, carry[1] * 2), (carry[1], row + carry[0])

        return lax.scan(body, (start, jnp.int32(1)), rows, reverse=reverse)

    assert_as_xla(scanned, np.zeros(2, np.int32), xs)


def test_scan_tells_constants_from_the_carry_and_both_from_the_inputs() -> None:
    def scanned(constant: Any, start: Any, rows: Any) -> Any:
        return lax.scan(lambda c, row: (c + constant, c * row), start, rows)

    one = np.ones(3, np.float32)
    assert_as_xla(scanned, one * 2, one, np.arange(6, dtype=np.float32).reshape(2, 3))


def test_scan_over_nothing_but_a_length() -> None:
    assert_as_xla(
        lambda x: lax.scan(lambda c, _: (c + x, None), x, None, length=3), NUMBERS["scalar"]
    )


def test_loops_nest() -> None:
    def nested(x: Any, limit: Any) -> Any:
        def row(carry: Any, k: Any) -> Any:
            inner = lax.while_loop(lambda v: v < limit, lambda v: v * 2 + 1, carry + k)
            return lax.cond(k > 1, lambda v: v - limit, lambda v: v, inner), inner

        return lax.scan(row, x, jnp.arange(4, dtype=jnp.int32))

    assert_as_xla(nested, np.int32(1), np.int32(20))


@pytest.mark.parametrize("branch", [-1, 0, 1, 2, 7])
def test_switch_clamps_its_index(branch: int) -> None:
    branches = (lambda v: v + 1, lambda v: v * 2, lambda v: -v)
    assert_as_xla(lambda k, x: lax.switch(k, branches, x), np.int32(branch), NUMBERS["int32"])


def test_calls_inside_of_calls() -> None:
    inner = jax.jit(lambda x: x + 1)
    assert_as_xla(jax.jit(lambda x: jax.checkpoint(inner)(x) * inner(x)), NUMBERS["int32"])


def test_what_nobody_reads_is_not_computed() -> None:
    ran: list[Any] = []

    def unread(x: Any) -> Any:
        jnp.sort(x)
        return x

    closed = jax.make_jaxpr(unread)(NUMBERS["int32"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RULES, "sort", lambda equation, values: ran.append(equation))
        evaluate(closed, [NUMBERS["int32"]])
    assert not ran


# --- whole programs -------------------------------------------------------------------------


def signature_or_type(verdict: Verdict) -> Signature | type:
    return verdict.signature if isinstance(verdict, Finding) else type(verdict)


def arms(case: Case) -> list[Arm]:
    return [arm for t in TRANSFORMS for m in nnx_api.modes() if fits(case, arm := Arm(t, m))]


def test_a_tracer_among_the_constants_is_one_that_was_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flax 0.10.4 leaves one in what a loop captures, and jax 0.5.1 lets the next loop take it."""
    left: list[Any] = []
    jax.make_jaxpr(left.append)(1.0)
    module = inspect.getmodule(observe)
    monkeypatch.setattr(module, "evaluate", lambda closed, arguments: [np.asarray(left[0])])
    seen = observe(Case(), Arm("scan", "graph"), "trace")
    assert seen.leaked is not None
    assert seen.leaked.error == "UnexpectedTracerError"


@settings(max_examples=30)
@given(programs(nnx_api.choices()), st.data())
def test_every_executor_comes_to_the_same_verdict(case: Case, data: st.DataObject) -> None:
    arm = data.draw(st.sampled_from(arms(case)))
    try:
        expected = run_python(case, arm.mode)
    except Inconclusive:
        assume(False)
    executors: tuple[Executor, ...] = ("trace", *confirming(case))
    seen = {name: observe(case, arm, name) for name in executors}
    verdicts = {name: signature_or_type(judge(arm, expected, o)) for name, o in seen.items()}
    assert len(set(verdicts.values())) == 1, verdicts
    if all(np.all(np.asarray(entry.reach) == 0.0) for entry in (expected.after or {}).values()):
        first, *others = (observed.world for observed in seen.values())
        assert all(not compare(first, other) for other in others)


def casts_on_assignment(case: Case) -> bool:
    """Whether a statement relies on `v[...] = x` casting x."""
    return any(isinstance(s, Update) and s.style == "setitem" and s.dtype for s in case.body)


def strictly(case: Case, arm: Arm) -> Observed:
    """What is observed where jax promotes no dtype."""
    with jax.numpy_dtype_promotion("strict"), warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        return observe(case, arm, "trace")


def without_ids(failure: Failure | None) -> tuple[str, str, str] | None:
    """A failure with no addresses of objects in its words."""
    if failure is None:
        return None
    return failure.error, re.sub(r"\bid=\d+", "id", failure.message), failure.function


@settings(max_examples=30)
@given(programs(nnx_api.choices()))
def test_bodies_never_lean_on_dtype_promotion(case: Case) -> None:
    assume(not casts_on_assignment(case))
    for arm in arms(case)[:1]:
        plain, strict = observe(case, arm, "trace"), strictly(case, arm)
        same = without_ids(strict.failure) == without_ids(plain.failure)
        if not same:  # one refusal or another, by what jax has cached
            nnx_api.forget()
            plain = observe(case, arm, "trace")
            nnx_api.forget()
            strict = strictly(case, arm)
        assert without_ids(strict.failure) == without_ids(plain.failure)
        assert strict.world.keys() == plain.world.keys()


def test_the_table_of_executors_names_the_three() -> None:
    assert tuple(EXECUTORS) == ("trace", "eager", "jit")
