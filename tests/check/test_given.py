"""What `nnx.cached_partial` and `nnx.jit_partial` were given, and is changed before the call."""

import gc
import weakref
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx

import nnxfuzz

X = jnp.arange(8.0).reshape(4, 2)


class Net(nnx.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        self.head = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
        self.drop = nnx.Dropout(0.5, rngs=nnx.Rngs(1))

    def __call__(self, x: Any) -> Any:
        return self.drop(self.head(x))


def cached(net: Any) -> Any:
    return nnx.cached_partial(nnx.jit(lambda net, x: net(x)), net)


def partial_in_tree_mode(net: Any) -> Any:
    return nnx.jit_partial(lambda net, x: net(x), net, graph=False)


def partial_without_graph_updates(net: Any) -> Any:
    return nnx.jit_partial(lambda net, x: net(x), net, graph=True, graph_updates=False)


MAKERS = [cached]
if hasattr(nnx, "jit_partial"):
    MAKERS += [partial_in_tree_mode, partial_without_graph_updates]


def no_dropout(net: Any) -> None:
    net.eval()


def another_head(net: Any) -> None:
    net.head = nnx.Linear(2, 2, rngs=nnx.Rngs(2))


def another_attribute(net: Any) -> None:
    net.scale = nnx.Param(jnp.ones(2))


def other_numbers(net: Any) -> None:
    nnx.update(net.head, nnx.state(nnx.Linear(2, 2, rngs=nnx.Rngs(2))))


def nothing(net: Any) -> None:
    pass


#: What is named of each.
CHANGES: dict[Callable[[Any], None], str] = {
    no_dropout: "`net.drop.deterministic` has changed since nnx.",
    another_head: "`net.head.bias`, `net.head.kernel` has changed",
    another_attribute: "`net.scale` has changed",
    other_numbers: "",
    nothing: "",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
@pytest.mark.parametrize("called", [False, True], ids=["at first", "once called"])
def test_what_changes_once_it_is_given_is_named(
    maker: Callable[[Any], Any], change: Callable[[Any], None], called: bool
) -> None:
    net = Net()
    with nnxfuzz.checking() as report:
        kept = maker(net)
        if called:
            kept(X)
        change(net)
        kept(X)
    assert report.failures == []
    *_, row = report.rows.values()
    assert [verdict.kind for _, verdict in row.used] == ["same"] * len(row.used)
    told = row.warnings().get("outdated-argument", "")
    assert CHANGES[change] in told
    assert bool(told) == bool(CHANGES[change])


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_what_was_given_may_be_forgotten(maker: Callable[[Any], Any]) -> None:
    net = Net()
    with nnxfuzz.checking() as report:
        kept = maker(net)
        kept(X)
        seen = weakref.ref(net)
        del net
        gc.collect()
        kept(X)
    assert report.failures == []
    assert seen() is None
