"""A user's own module in every transform and mode: plain leaves what Flax leaves, or the record
that says otherwise is named.
"""

import functools
from typing import Any

import jax.numpy as jnp
import optax
import pytest
from flax import nnx
from sides import MODES, Program, differences, left_by_flax

from nnxfuzz import nnx_api, plain
from nnxfuzz.oracle.contract import REFUSALS
from nnxfuzz.programs.versions import version


class Block(nnx.Module):  # type: ignore[misc]
    """Linear, batch statistics, dropout, and a counter of its calls."""

    def __init__(self, seed: int) -> None:
        rngs = nnx.Rngs(seed)
        self.linear = nnx.Linear(3, 3, rngs=rngs)
        self.norm = nnx.BatchNorm(3, use_running_average=False, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, deterministic=False, rngs=rngs)
        self.calls = nnx.Variable(jnp.array(0))

    def __call__(self, x: Any) -> Any:
        self.calls.value = self.calls.value + 1
        return self.dropout(self.norm(self.linear(x)))


X = jnp.arange(6.0).reshape(2, 3) ** 2
XS = jnp.stack([X, X[::-1] + 1, X * 0.5])


def one() -> tuple[Any, ...]:
    return (Block(0),)


def stacked() -> tuple[Any, ...]:
    """Three modules as one, whose Variables have a leading axis; made without a transform."""
    blocks = [Block(seed) for seed in range(3)]
    held = [plain.objects.variables(block) for block in blocks]
    for same in zip(*held, strict=True):
        nnx_api.set_raw(same[0], jnp.stack([nnx_api.get_raw(variable) for variable in same]))
    return (blocks[0],)


def with_optimizer() -> tuple[Any, ...]:
    model = Block(0)
    wrt = {"wrt": nnx.Param} if nnx_api.release() >= version("0.10.5") else {}
    return model, nnx.Optimizer(model, optax.sgd(0.1), **wrt)


# --- the forms ------------------------------------------------------------------------------


def carried_by_scan(nnx: Any, model: Any) -> Any:
    axes = (nnx.Carry, 0)
    return nnx.scan(lambda m, x: (m, m(x)), in_axes=axes, out_axes=axes)(model, XS)


def carried_by_fori_loop(nnx: Any, model: Any) -> Any:
    def body(i: Any, carry: Any) -> Any:
        m, x = carry
        return m, m(x) + i

    return nnx.fori_loop(1, 4, body, (model, X))


def carried_by_while_loop(nnx: Any, model: Any) -> Any:
    def body(carry: Any) -> Any:
        m, x, n = carry
        return m, m(x), n - 1

    return nnx.while_loop(lambda carry: carry[2] > 0, body, (model, X, 3))


def called_twice_by_jit(nnx: Any, model: Any) -> Any:
    call = nnx.jit(lambda m, x: m(x))
    return call(model, call(model, X))


def given_twice_to_jit(nnx: Any, model: Any) -> Any:
    return nnx.jit(lambda m, again, x: again(m(x)))(model, model, X)


def taken_by_cond(nnx: Any, model: Any) -> Any:
    return nnx.cond(jnp.array(True), lambda m, x: m(x), lambda m, x: m(x + 1), model, X)


def not_taken_by_cond(nnx: Any, model: Any) -> Any:
    return nnx.cond(jnp.array(False), lambda m, x: m(x), lambda m, x: x, model, X)


def taken_by_switch(nnx: Any, model: Any) -> Any:
    branches = [lambda m, x: x, lambda m, x: m(x), lambda m, x: m(m(x))]
    return nnx.switch(jnp.array(7), branches, model, X)


def mapped_over_its_axis(nnx: Any, model: Any) -> Any:
    return nnx.vmap(lambda m, x: m(x), in_axes=(0, None))(model, X)


def made_by_vmap(nnx: Any, model: Any) -> Any:
    return nnx.vmap(lambda m, x: (Block(0), x), in_axes=(None, 0))(model, XS)


def broadcast_by_vmap(nnx: Any, model: Any) -> Any:
    return nnx.vmap(lambda m, x: m.linear(x), in_axes=(None, 0))(model, XS)


def counted_by_vmap(nnx: Any, model: Any) -> Any:
    def count(m: Any, x: Any) -> Any:
        m.calls.value = m.calls.value + 1
        return m.linear(x)

    return nnx.vmap(count, in_axes=(None, 0))(model, XS)


def mapped_in_scan(nnx: Any, model: Any) -> Any:
    def trip(m: Any, x: Any) -> Any:
        return m, nnx.vmap(lambda m, x: m(x), in_axes=(0, None))(m, x)

    return nnx.scan(trip, in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))(model, XS)


def scanned_over(nnx: Any, model: Any) -> Any:
    return nnx.scan(lambda x, m: m(x), in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)(X, model)


def broadcast_by_scan(nnx: Any, model: Any) -> Any:
    axes = (None, nnx.Carry, 0)
    body = lambda m, total, x: total + m(x)  # noqa: E731
    return nnx.scan(body, in_axes=axes, out_axes=nnx.Carry)(model, jnp.zeros((2, 3)), XS)


def loss_of(m: Any, x: Any) -> Any:
    return jnp.mean((m(x) - 1.0) ** 2)


def value_and_gradient(nnx: Any, model: Any) -> Any:
    return nnx.value_and_grad(loss_of, allow_int=True)(model, X)


def gradient_by_params(nnx: Any, model: Any) -> Any:
    """As Flax's documentation writes it for the modes without graph updates."""
    graphdef, params, rest = nnx.split(model, nnx.Param, ...)
    loss = lambda params, rest: loss_of(nnx.merge(graphdef, params, rest), X)  # noqa: E731
    return nnx.value_and_grad(loss)(params, rest)


def gradient_of_remat(nnx: Any, model: Any) -> Any:
    loss = lambda m, x: jnp.sum(nnx.remat(lambda m, x: m(x))(m, x) ** 2)  # noqa: E731
    return nnx.grad(loss, allow_int=True)(model, X)


def trained_in_scan(nnx: Any, model: Any, optimizer: Any) -> Any:
    def step(carry: Any, x: Any) -> Any:
        m, o = carry
        loss, grads = nnx.value_and_grad(loss_of, allow_int=True)(m, x)
        nnx_api.update_optimizer(o, m, grads)
        return carry, loss

    axes = (nnx.Carry, 0)
    return nnx.scan(step, in_axes=axes, out_axes=axes)((model, optimizer), XS)


FORMS: dict[Program, Any] = {
    carried_by_scan: one,
    carried_by_fori_loop: one,
    carried_by_while_loop: one,
    called_twice_by_jit: one,
    given_twice_to_jit: one,
    taken_by_cond: one,
    not_taken_by_cond: one,
    taken_by_switch: one,
    mapped_over_its_axis: stacked,
    made_by_vmap: one,
    broadcast_by_vmap: one,
    counted_by_vmap: one,
    mapped_in_scan: stacked,
    scanned_over: stacked,
    broadcast_by_scan: one,
    value_and_gradient: one,
    gradient_by_params: one,
    gradient_of_remat: one,
    trained_in_scan: with_optimizer,
}

#: What Flax refuses, with the record of the contract that says so, and its words.
REFUSED: dict[tuple[Program, plain.Mode], tuple[str, str]] = {
    (given_twice_to_jit, "tree"): ("tree-aliasing", "Duplicate Variable"),
}

#: Where a mode differs from Python, with the records of the contract that say so.
_NEW_NODES: dict[plain.Mode, str] = {"graph-frozen": "new-nodes", "tree": "new-nodes"}
_ONE_LANE: dict[plain.Mode, str] = dict.fromkeys(
    ("graph", "graph-frozen", "tree"), "broadcast-one-lane"
)
DEVIATIONS: dict[Program, dict[plain.Mode, str]] = {
    carried_by_scan: _NEW_NODES,
    carried_by_fori_loop: _NEW_NODES,
    carried_by_while_loop: _NEW_NODES,
    mapped_in_scan: _NEW_NODES,
    trained_in_scan: _NEW_NODES,
    counted_by_vmap: _ONE_LANE,
    broadcast_by_scan: {"graph": "broadcast-dropped"},
}

#: Compared twice: with what the mode is asked for, and with Python.
_left_by_flax = functools.cache(left_by_flax)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_flax_leaves_what_plain_leaves_or_refuses(form: Program, mode: plain.Mode) -> None:
    if (form, mode) not in REFUSED:
        assert differences(form, FORMS[form], mode, by_flax=_left_by_flax) == []
        return
    record, words = REFUSED[form, mode]
    assert record in {refusal.id for refusal in REFUSALS}
    with pytest.raises(ValueError, match=words):
        differences(form, FORMS[form], mode)


def recorded(mode: plain.Mode) -> set[str]:
    """The deviations that there are in a mode."""
    return {deviation.id for deviation in plain.DEVIATIONS if mode in deviation.modes}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_mode_differs_from_python_only_as_recorded(form: Program, mode: plain.Mode) -> None:
    if (form, mode) in REFUSED:
        pytest.skip("refused")
    record = DEVIATIONS.get(form, {}).get(mode)
    assert record is None or record in recorded(mode)
    found = differences(form, FORMS[form], mode, "python", _left_by_flax)
    assert bool(found) == (record is not None), found
    if record == "new-nodes":  # which objects, and nothing else
        assert all(told.startswith("result") and "identity" in told for told in found[:1])
        assert not [told for told in found if ": value " in told]
