"""`split_rngs`, `fork_rngs` and `with_rngs` as decorators: Flax leaves what plain leaves."""

import inspect
from typing import Any

import jax
import numpy as np
import pytest
from flax import nnx
from sides import MODES, differences, options

from nnxfuzz import plain

DECORATORS = [name for name in ("split_rngs", "fork_rngs", "with_rngs") if hasattr(nnx, name)]


class Model(nnx.Module):  # type: ignore[misc]
    """Streams, a layer with a stream of its own, and a count."""

    def __init__(self) -> None:
        self.rngs = nnx.Rngs(params=0, dropout=1)
        self.noise = nnx.Dropout(0.5, rngs=nnx.Rngs(2))
        self.calls = nnx.BatchStat(np.zeros(()))


def drawn(mode: plain.Mode, name: str, **how: Any) -> Any:
    """Each lane of a model's streams draws a number, and the model counts."""
    known = inspect.signature(getattr(nnx, name)).parameters
    if not set(how) <= set(known):
        pytest.skip(f"this release's {name} has no {sorted(set(how) - set(known))}")

    asked = options(getattr(nnx, name), mode)

    def program(nnx: Any, model: Any) -> Any:
        decorate = getattr(nnx, name)(**how, **asked)

        def f(m: Any) -> Any:
            m.calls.value = m.calls.value + 1
            streams = (m.rngs.params, m.rngs.dropout)
            return [(jax.random.key_data(s.key.value), s.count.value) for s in streams]

        return decorate(f)(model), decorate(f)(model)

    return program


HOW: list[tuple[str, dict[str, Any]]] = [
    ("split_rngs", {"splits": 2}),
    ("split_rngs", {"splits": (1, 2), "only": "params"}),
    ("split_rngs", {"splits": 1, "squeeze": True}),
    ("fork_rngs", {}),
    ("fork_rngs", {"split": 3}),
    ("with_rngs", {"split": 2}),
    ("with_rngs", {"split": {"params": 3, ...: (1, 2)}, "only": ("params", "dropout")}),
    ("with_rngs", {"split": {"params": 2}, "fork": nnx.Not("params")}),
    ("with_rngs", {"broadcast": 2}),
    ("with_rngs", {"broadcast": {"params": (2, 1)}, "fork": ["dropout"], "only": "params"}),
    ("with_rngs", {"split": 2, "broadcast": {"params": 2}, "fork": ...}),
    ("with_rngs", {}),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("name", "how"), HOW)
def test_flax_leaves_what_plain_leaves(name: str, how: dict[str, Any], mode: plain.Mode) -> None:
    if name not in DECORATORS:
        pytest.skip(f"this release has no {name}")
    if mode != "graph" and "graph_updates" not in inspect.signature(getattr(nnx, name)).parameters:
        pytest.skip(f"this release's {name} has no such mode")
    if name == "with_rngs" and mode == "graph":
        pytest.skip("with_rngs refuses graph updates, which tests/test_registry.py looks at")
    assert differences(drawn(mode, name, **how), lambda: (Model(),), mode) == []


def test_streams_are_split_meanwhile_and_go_on_afterwards() -> None:
    rngs = nnx.Rngs(params=0, dropout=1)
    key = rngs.params.key.value
    seen = plain.split_rngs(splits=2, only="params")(
        lambda r: (r.params.key.value.shape, r.dropout.key.value.shape)
    )(rngs)
    assert seen == ((2,), ())
    assert rngs.params.key.value == key
    assert (int(rngs.params.count.value), int(rngs.dropout.count.value)) == (1, 0)


def test_an_exception_puts_the_streams_back_and_nothing_else() -> None:
    model = Model()

    def fails(m: Any) -> None:
        m.calls.value = m.calls.value + 1
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        plain.split_rngs(splits=2)(fails)(model)
    assert model.rngs.params.key.value.shape == ()
    assert float(model.calls.value) == 1.0


@pytest.mark.skipif("fork_rngs" not in DECORATORS, reason="this release has no fork_rngs")
def test_the_first_filter_that_matches_says_how_a_stream_is_forked() -> None:
    rngs = nnx.Rngs(params=0, dropout=1)
    seen = plain.fork_rngs(split={"params": 2, ...: None})(
        lambda r: (r.params.key.value.shape, r.dropout.key.value.shape)
    )(rngs)
    assert seen == ((2,), ())
    assert rngs.params.key.value.shape == ()


@pytest.mark.skipif("with_rngs" not in DECORATORS, reason="this release has no with_rngs")
@pytest.mark.parametrize("side", [nnx, plain], ids=["Flax", "plain"])
def test_two_rules_for_one_stream_are_refused(side: Any) -> None:
    decorate = side.with_rngs(split={"params": 2}, fork="params", graph=False)
    with pytest.raises(ValueError, match=r"matches multiple rules:\n  - split matches filter 'par"):
        decorate(lambda rngs: None)(nnx.Rngs(params=0))


@pytest.mark.skipif("with_rngs" not in DECORATORS, reason="this release has no with_rngs")
def test_with_a_node_it_is_flaxs_own() -> None:
    rngs = nnx.Rngs(params=0, dropout=1)
    made = plain.with_rngs(rngs, split={"params": 2}, fork=..., graph=False)
    assert (made.params.key.value.shape, made.dropout.key.value.shape) == ((2,), ())
    assert (int(rngs.params.count.value), int(rngs.dropout.count.value)) == (1, 1)
