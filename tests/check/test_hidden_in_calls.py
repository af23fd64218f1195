"""What a transform does wrong at a call site shows where every number is right, and where what it
raises is what another program would be refused for.

Each row of `HIDDEN` is a mistake of a transform that an excuse was too broad, or a comparison too
narrow, to see.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import overlooked_calls as o
import pytest
from excused_calls import Fault, Net, Options, around, counted, refusing
from flax import nnx
from flax.errors import TraceContextError
from test_excuses_of_calls import FROZEN, Hidden, is_told, verdicts

from nnxfuzz import nnx_api

pytestmark = pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")

# --- mistakes -------------------------------------------------------------------------------


def traced(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    """The function is traced, so that a number has no value."""
    return jax.jit(call)(*args)


def absolute(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    """A pullback that takes the absolute values of what it is given."""
    out, back = call(*args, **kwargs)
    return out, lambda cotangent: back(jax.tree.map(jnp.abs, cotangent))


def elsewhere(array: Any) -> Any:
    return jax.device_put(array, jax.devices()[1])


def of_a_weak_type(out: Any, x: Any) -> Any:
    return jax.jit(lambda: 2.0)()


def no_mesh(around: str) -> Fault:
    """A transform that does not find the axis of the mesh."""
    words = f"Resource axis: x of P('x',) is not found in mesh: {around}."
    return refusing(ValueError, words)


# --- calls ----------------------------------------------------------------------------------


def by_its_sign(x: Any) -> Any:
    return x * 2 if x > 0 else x


def reads_in_the_body(mode: Options) -> None:
    net = Net()
    inner = lambda y: y + net.a[...].sum()  # noqa: E731
    nnx.jit(lambda x: nnx.vmap(inner, **mode)(x), **mode)(jnp.ones(2))


def of_a_prefix(mode: Options) -> None:
    axes = nnx.prefix(Net(), {nnx.Param: 0, ...: 0}, graph=mode["graph"])
    nnx.vmap(lambda net: net.a[...].sum(), in_axes=(axes,), **mode)(Net())


def in_a_mesh(mode: Options) -> None:
    with jax.set_mesh(jax.make_mesh((1,), ("x",))):
        v = nnx.Param(jnp.ones(2), out_sharding=("x",))
        nnx.jit(lambda v: v[...] * 2, **mode)(v)


def of_a_weak_number(mode: Options) -> None:
    nnx.jit(lambda x: x * 2, **mode)(jax.jit(lambda: 2.0)())


def doubles(mode: Options) -> None:
    nnx.jit(lambda x: x * 2, **mode)(jnp.ones(()))


def counts(mode: Options) -> None:
    nnx.jit(o.counts, **mode)(Net())


def counts_on_two_devices(mode: Options) -> None:
    sharding = jax.sharding.NamedSharding(
        jax.make_mesh((2,), ("x",)), jax.sharding.PartitionSpec("x")
    )
    net = Net()
    nnx_api.set_raw(net.n, jax.device_put(net.n[...], sharding))
    nnx.jit(o.counts, **mode)(net)


def branches_beside_a_reference(mode: Options) -> None:
    total = nnx.Variable(jnp.zeros(2), ref=True)
    choose = functools.partial(nnx.cond, **mode)
    nnx.jit(lambda v, x: choose(x > 0, jnp.sin, jnp.cos, x) + v[...], **mode)(total, 1.0)


def loop_beside_a_gradient(mode: Options) -> None:
    slope = nnx.grad(lambda x: (x * x).sum(), **mode)

    def function(x: Any) -> Any:
        return nnx.while_loop(lambda x: x.sum() < 9, lambda x: x + 1, slope(x), **mode)

    nnx.jit(function, **mode)(jnp.ones(2))


HIDDEN: dict[str, Hidden] = {
    **{
        f"the function of {transform} is traced": Hidden(
            functools.partial(lambda t, mode: getattr(nnx, t)(by_its_sign, **mode)(1.5), transform),
            transform,
            around(traced),
        )
        for transform in ("grad", "value_and_grad")
    },
    "what is read in the body is refused as written": Hidden(
        reads_in_the_body,
        "vmap",
        refusing(TraceContextError, "Cannot mutate Param from a different trace level"),
    ),
    "a prefix of the mode is refused as a node": Hidden(
        of_a_prefix,
        "vmap",
        refusing(ValueError, "Graph nodes are not allowed as prefixes when graph=True. Found: x"),
        ("graph-frozen",),
    ),
    "a prefix of the mode is refused as a TreeState": Hidden(
        of_a_prefix,
        "vmap",
        refusing(ValueError, "`TreeState` objects are only allowed as prefixes when graph=True"),
        ("tree",),
    ),
    "an axis that the mesh has is not found": Hidden(in_a_mesh, "jit", no_mesh("('x',)")),
    "an axis is not found because the mesh is lost": Hidden(in_a_mesh, "jit", no_mesh("()")),
    "a loop beside a gradient is refused backwards": Hidden(
        loop_beside_a_gradient,
        "while_loop",
        refusing(ValueError, "Reverse-mode differentiation does not work for lax.while_loop"),
    ),
    "a reference is refused as differentiated": Hidden(
        branches_beside_a_reference,
        "jit",
        refusing(TypeError, "cannot differentiate with respect to a Ref-typed argument"),
    ),
    "a reference is refused as in a branch of what is differentiated": Hidden(
        branches_beside_a_reference,
        "jit",
        refusing(NotImplementedError, "State effect not supported in cond partial-eval"),
    ),
    "an array of numpy comes back": Hidden(doubles, "jit", o.then(lambda out, x: np.asarray(out))),
    "a number comes back": Hidden(doubles, "jit", o.then(lambda out, x: float(out))),
    "a Variable holds an array of numpy": Hidden(
        counts, "jit", counted(lambda was, now: np.asarray(now))
    ),
    "a weak type comes back": Hidden(doubles, "jit", o.then(of_a_weak_type)),
    "a weak type is lost": Hidden(
        of_a_weak_number, "jit", o.then(lambda out, x: jnp.asarray(np.asarray(out)))
    ),
    "a pullback takes absolute values": Hidden(
        lambda mode: nnx.vjp(lambda x: x * 2, jnp.ones(3), **mode), "vjp", around(absolute), FROZEN
    ),
}

#: Those that need two devices.
ELSEWHERE = {
    "a result is on another device": Hidden(doubles, "jit", o.then(lambda out, x: elsewhere(out))),
    "a Variable on two devices is on one": Hidden(
        counts_on_two_devices, "jit", counted(lambda was, now: elsewhere(now))
    ),
    "a Variable is on another device": Hidden(
        counts, "jit", counted(lambda was, now: elsewhere(now))
    ),
}


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("name", HIDDEN)
def test_a_mistake_that_hid_is_found(name: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if mode not in HIDDEN[name].modes:
        pytest.skip("the mistake is none there")
    is_told(HIDDEN[name], mode, monkeypatch)


@pytest.mark.skipif(jax.device_count() < 2, reason="all is on the one device")
@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("name", ELSEWHERE)
def test_an_array_on_another_device_is_found(
    name: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_told(ELSEWHERE[name], mode, monkeypatch)


class Weights(nnx.Module):  # type: ignore[misc]
    """A module with an array of numpy that no Variable holds."""

    def __init__(self) -> None:
        self.x = nnx.data(np.ones(2, np.float32))


def makes_it_of_jax(weights: Weights) -> None:
    weights.x = nnx.data(jnp.asarray(weights.x))


def pulls_back_a_custom_rule(mode: Options) -> None:
    f = jax.custom_vjp(lambda x: x)
    f.defvjp(lambda x: (x, None), lambda kept, g: (jnp.clip(g, 0.0, 1.0),))
    nnx.vjp(f, jnp.ones(3), **mode)


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize(
    "program",
    [
        lambda mode: nnx.jit(makes_it_of_jax, **mode)(Weights()),
        lambda mode: nnx.jit(lambda x: jnp.sin(x) * 2, **mode)(1.0),
        lambda mode: nnx.jit(lambda x: x, **mode)(np.ones(2, np.float32)),
        lambda mode: nnx.jit(lambda: 2.0, **mode)(),
        lambda mode: nnx.remat(lambda x: np.ones(3, np.float32), **mode)(jnp.ones(2)),
        lambda mode: nnx.jit(lambda key: jax.random.split(key), **mode)(jax.random.key(0)),
        lambda mode: nnx.scan(lambda total, x: (total, x), **mode)(0.0, jnp.ones(2)),
        lambda mode: nnx.jit(lambda weights: weights.x * 2, **mode)(Weights()),
        lambda mode: nnx.jit(lambda x: jax.device_put(x, jax.devices()[-1]), **mode)(jnp.ones(2)),
        pulls_back_a_custom_rule,
    ],
    ids=[
        "made of jax",
        "a number",
        "of numpy",
        "a constant",
        "a constant of remat",
        "a key",
        "carried",
        "a table",
        "moved",
        "a rule of its own",
    ],
)
def test_arrays_that_need_not_be_alike_are_no_finding(
    program: Callable[[Options], Any], mode: str
) -> None:
    seen = verdicts(Hidden(program, "", lambda real: real), mode)
    assert seen and not any(v.is_finding for v in seen), seen
