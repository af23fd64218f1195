"""What a function of jax drops of the updates that its function makes to modules."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
import pytest
from flax import nnx
from live import held, write

import nnxfuzz
from nnxfuzz.checker.report import Report


class Net(nnx.Module):  # type: ignore[misc]
    """A Param, and a counter that each call raises."""

    def __init__(self, ref: bool = False) -> None:
        self.w, self.n = nnx.Param(jnp.ones(2)), nnx.Variable(jnp.array(0.0), ref=ref)

    def __call__(self, x: Any) -> Any:
        write(self.n, held(self.n) + 1)
        return (held(self.w) * x).sum()


pytestmark = pytest.mark.skipif(
    isinstance(jax.tree.leaves(Net())[0], Net),
    reason="to this release's jax a module is one leaf",
)

X = jnp.ones(2)


class Caller:
    """Has a method that calls a module."""

    def call(self, net: Any) -> Any:
        return net(X)


def trained(model: Any, optimizer: Any, x: Any) -> Any:
    gradient = nnx.grad(lambda model: (held(model.w) * x).sum())(model)
    optimizer.update(model, gradient)
    return x


def by_training(model: Any) -> None:
    optimizer = nnx.Optimizer(model, optax.sgd(0.1), wrt=nnx.Param)
    jax.jit(trained)(model, optimizer, X)


def by_grad_in_a_step(model: Any) -> None:
    nnx.jit(lambda model, x: jax.value_and_grad(lambda net: net(x))(model)[0])(model, X)


def by_partial_return(model: Any) -> None:
    jax.jit(lambda net, x: (net(x), nnx.state(net, nnx.Param)))(model, X)


#: By what loses an update: the call, the paths that are told, and the way out.
LOSING: dict[str, tuple[Callable[[Any], Any], tuple[str, ...], str]] = {
    "jit": (lambda m: jax.jit(lambda net, x: net(x))(m, X), ("net.n",), "nnx.jit"),
    "method": (lambda m: jax.jit(Net.__call__)(m, X), ("self.n",), "nnx.jit"),
    "partial": (
        lambda m: jax.jit(functools.partial(lambda x, net: net(x), X))(m),
        ("net.n",),
        "nnx.jit",
    ),
    "bound method": (lambda m: jax.jit(Caller().call)(m), ("net.n",), "nnx.jit"),
    "static": (
        lambda m: jax.jit(lambda net, k: net(X) * k, static_argnames="k")(m, k=2),
        ("net.n",),
        "nnx.jit",
    ),
    "vmap": (
        lambda m: jax.vmap(lambda net, x: net(x), in_axes=(None, 0))(m, jnp.ones((3, 2))),
        ("net.n",),
        "nnx.vmap",
    ),
    "grad": (lambda m: jax.grad(lambda net: net(X))(m), ("net.n",), "nnx.grad"),
    "checkpoint": (lambda m: jax.checkpoint(lambda net: net(X))(m), ("net.n",), "nnx.remat"),
    "list": (lambda m: jax.jit(lambda nets: nets[0](X))([m]), ("nets[0].n",), "nnx.jit"),
    "variable": (lambda m: jax.jit(lambda v: write(v, X))(m.w), ("v",), "nnx.jit"),
    "training": (by_training, ("model.w", "optimizer.step"), "nnx.jit"),
    "in a step": (by_grad_in_a_step, ("net.n",), "nnx.value_and_grad"),
    "partial return": (by_partial_return, ("net.n",), "nnx.jit"),
}


def of_jax(report: Report) -> list[Any]:
    assert report.failures == []
    rows = [row for row in report.rows.values() if row.transform.startswith("jax.")]
    return [verdict for row in rows for _, verdict in row.used]


@pytest.mark.parametrize("name", LOSING)
def test_an_update_that_a_function_of_jax_drops_is_told(name: str) -> None:
    call, paths, instead = LOSING[name]
    with nnxfuzz.checking() as report:
        call(Net())
    (verdict,) = of_jax(report)
    assert (verdict.kind, verdict.record) == ("deviates", "copied-by-jax")
    assert verdict.told.startswith("drops the update of ")
    assert set(verdict.paths) == set(paths)
    assert verdict.way_out == f"use {instead}, or return what is written, and use that"


def stateful(model: Any) -> Any:
    graph, state = nnx.split(model)

    def call(state: Any, x: Any) -> Any:
        return nnx.merge(graph, state)(x)

    return jax.jit(call)(state, X)


def read_in_a_jit(model: Any) -> Any:
    read = nnx.jit(lambda net, x: (held(net.w) * x).sum())
    return jax.jit(lambda net: read(net, X))(model)


def put_back(net: Any, x: Any) -> Any:
    before = held(net.n)
    out = net(x)
    write(net.n, before)
    return out


#: What loses nothing.
KEEPING: dict[str, Callable[[Any], Any]] = {
    "returned": lambda m: jax.jit(lambda net, x: (net(x), net))(m, X),
    "state returned": lambda m: jax.jit(lambda net, x: (net(x), nnx.state(net)))(m, X),
    "numbers returned": lambda m: jax.jit(lambda net, x: (net(x), held(net.n)))(m, X),
    "split": lambda m: jax.jit(lambda net, x: (net(x), nnx.split(net)[1]))(m, X),
    "state given": stateful,
    "read": lambda m: jax.jit(lambda net, x: (held(net.w) * x).sum())(m, X),
    "read in a jit": read_in_a_jit,
    "read in a gradient": lambda m: jax.jit(nnx.grad(lambda net: held(net.w).sum()))(m),
    "read in a loop": lambda m: jax.jit(
        lambda net: nnx.fori_loop(0, 2, lambda i, c: (c[0], c[1] + held(c[0].w)), (net, X))[1]
    )(m),
    "put back": lambda m: jax.jit(put_back)(m, X),
    "a reference": lambda m: jax.jit(lambda net: net(X))(Net(ref=True)),
    "a copy": lambda m: jax.jit(lambda net, x: nnx.clone(net)(x))(m, X),
    "not copied": lambda m: jax.grad(lambda x, net: (held(net.w) * x).sum())(X, m),
    "a module": lambda m: jax.jit(nnx.Linear(2, 2, rngs=nnx.Rngs(0)))(X),
    "made": lambda m: jax.jit(lambda x: Net()(x))(X),
    "disabled": lambda m: jax.disable_jit()(jax.jit(lambda net: net(X)))(m),
}


@pytest.mark.parametrize("name", KEEPING)
def test_nothing_is_said_where_nothing_is_lost(name: str) -> None:
    with nnxfuzz.checking() as report:
        KEEPING[name](Net())
    assert of_jax(report) == []


def test_a_function_is_compiled_once_however_often_jit_is_asked() -> None:
    traces = []

    def step(net: Any) -> Any:
        traces.append(1)
        return net(X)

    with nnxfuzz.checking() as report:
        for _ in range(3):
            jax.jit(step)(Net())
    assert traces == [1]
    assert len(of_jax(report)) == 1
    assert jax.jit(step)(Net()) == 2.0


def test_a_call_under_a_trace_is_told_once() -> None:
    with nnxfuzz.checking(modes="all") as report:
        for size in (2, 3):
            model = Net()
            write(model.w, jnp.ones(size))
            nnx.jit(lambda net, x: jax.grad(lambda net: net(x))(net).w.sum())(model, jnp.ones(size))
    (verdict,) = of_jax(report)
    assert verdict.paths == ("net.n",)
