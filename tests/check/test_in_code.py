"""`nnxfuzz.check`, `checking`, `assert_same`: what was made before, and wrong arguments."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.checker.report import Report


@functools.partial(nnx.jit, static_argnames="times", donate_argnums=1)
def repeated(layer: Any, x: Any, times: int) -> Any:
    """Has a static argument, and donates another."""
    for _ in range(times):
        x = layer(x)
    return x


@nnx.jit  # type: ignore[untyped-decorator]
def called(layer: Any, x: Any) -> Any:
    """Calls a layer."""
    return layer(x)


class Seen(nnx.Module):  # type: ignore[misc]
    """A layer that keeps what it was given."""

    def __call__(self, x: Any) -> Any:
        self.last = nnx.Intermediate(x)
        return x


def layer() -> Any:
    return nnx.Linear(2, 2, rngs=nnx.Rngs(0))


def kinds(report: Report) -> list[dict[Any, Any]]:
    """What each call site came to, by mode."""
    assert report.failures == []
    found = []
    for row in report.rows.values():
        worst = {mode: row.worst(mode) for mode in report.modes}
        found.append({mode: verdict.kind for mode, verdict in worst.items() if verdict})
    return found


def everywhere(kind: str) -> dict[Any, Any]:
    """A kind in every mode of the release."""
    return dict.fromkeys(nnx_api.modes(), kind)


def test_static_and_donated_arguments_of_what_was_made_before_are_known() -> None:
    report = nnxfuzz.check(lambda: repeated(layer(), jnp.ones((1, 2)), times=2))
    assert kinds(report) == [everywhere("same")]


def test_what_was_made_before_is_judged_in_the_other_modes() -> None:
    (found,) = kinds(nnxfuzz.check(called, Seen(), jnp.ones(2)))
    assert found == everywhere("deviates") | {"graph": "same"}


@pytest.mark.skipif("tree" not in nnx_api.modes(), reason="this release has no tree mode")
def test_what_was_made_before_keeps_its_mode() -> None:
    made = nnx.jit(lambda m, x: m(x), graph=False)
    with nnxfuzz.checking() as report:
        made(Seen(), jnp.ones(2))
    assert kinds(report) == [{"tree": "deviates"}]


def test_what_was_made_before_with_shardings_is_judged_in_its_own_mode() -> None:
    one = jax.sharding.SingleDeviceSharding(jax.devices()[0])
    made = nnx.jit(lambda x: x * 2, out_shardings=one)
    (found,) = kinds(nnxfuzz.check(made, jnp.ones(2)))
    assert found == everywhere("not judged") | {"graph": "same"}


def test_a_derivative_that_was_defined_before_is_the_programs() -> None:
    rounded = nnx.custom_vjp(lambda x: jnp.round(x))
    rounded.defvjp(lambda x: (rounded(x), None), lambda _, g: (g[-1],))
    loss = nnx.grad(lambda x: rounded(x * 2.0))
    with nnxfuzz.checking() as report:
        nnx.grad(lambda x: rounded(x * 2.0))(jnp.array(0.3))
    assert float(loss(jnp.array(0.3))) == 2.0
    assert kinds(report) == [{"graph": "same"}]


def test_a_partial_of_a_transform_is_one() -> None:
    jit = functools.partial(nnx.jit, static_argnums=2)
    out = nnxfuzz.assert_same(jit, lambda m, x, by: m(x) * by, layer(), jnp.ones((1, 2)), 3)
    assert out.shape == (1, 2)


def test_what_a_transform_returned_is_none() -> None:
    with pytest.raises(TypeError, match=r"or call nnxfuzz\.check with what a transform returned"):
        nnxfuzz.assert_same(called, layer(), jnp.ones((1, 2)))


@pytest.mark.parametrize(
    "options, told",
    [
        ({"modes": "trees"}, "modes is 'trees'; give one of 'used', 'all', 'graph', "),
        ({"times": 0}, "times is 0; give a number from 1 on"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        nnxfuzz.check(lambda: None, **options)


@pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")
def test_one_mode_can_be_asked_for() -> None:
    with nnxfuzz.checking("tree") as report:
        nnx.jit(lambda x: x)(jnp.array(1))
    (row,) = report.rows.values()
    assert set(row.verdicts) == {"graph", "tree"}


def test_what_raises_in_python_as_well_is_told() -> None:
    def fails(x: Any) -> Any:
        raise LookupError("none")

    with nnxfuzz.checking() as report, pytest.raises(LookupError):
        nnx.jit(fails)(jnp.array(1))
    assert report.ok and "it raises LookupError, as Python does" in str(report)


def test_what_is_no_function_is_refused_with_the_command_for_scripts() -> None:
    script: Any = "train.py"
    with pytest.raises(TypeError, match="give a function, or run `nnxfuzz check` on a script"):
        nnxfuzz.check(script)


def test_the_names_of_the_package_can_be_listed() -> None:
    assert {"check", "assert_same", "plainly", "plain"} <= {*dir(nnxfuzz)}


@pytest.mark.skipif("tree" not in nnx_api.modes(), reason="this release has no tree mode")
def test_a_derivative_by_what_a_custom_vjp_reaches_is_refused_for_a_reason() -> None:
    def trip(carry: Any) -> Any:
        trips, x = carry
        own = nnx.custom_vjp(lambda y: y * x, graph=False)
        own.defvjp(lambda y: (own(y), None), lambda residual, g: (g,))
        return trips + 1, own(jnp.array(2.0))

    def loop(x: Any) -> Any:
        start = jnp.array(0), x
        return nnx.while_loop(lambda carry: carry[0] < 1, trip, start, graph=False)[1]

    with (
        nnxfuzz.checking() as report,
        pytest.raises(Exception, match="closed-over value"),
    ):
        nnx.jvp(loop, (jnp.array(3.0),), (jnp.array(1.0),), graph=False)
    (row,) = report.rows.values()
    verdict = row.worst("tree")
    assert verdict is not None and verdict.kind == "refused"
    assert verdict.record == "custom-vjp-closed-over" and verdict.paths == ("x",)


class Counting(nnx.Module):  # type: ignore[misc]
    """A layer that counts its calls in a number."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        return x


@pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")
def test_calls_of_which_one_thing_is_said_are_told_once() -> None:
    counting = Counting()
    report = nnxfuzz.check(lambda: called(counting, jnp.ones(2)), modes="all", times=2)
    (row,) = report.rows.values()
    assert len(row.verdicts["tree"]) == 2  # the number is another in each call
    assert (
        str(report).count("graph-frozen, tree: deviates\n  drops the change of `layer.calls`") == 1
    )
    assert str(report).count("drops the change of") == 1
