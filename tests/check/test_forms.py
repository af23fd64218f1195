"""The form of arguments, by which the calls of a site are told apart."""

from typing import Any

import jax.numpy as jnp
import optax
import pytest
from flax import nnx

from nnxfuzz.checker.forms import form_of
from nnxfuzz.checker.report import Row
from nnxfuzz.checker.sites import Site


class Net(nnx.Module):  # type: ignore[misc]
    """Attributes in another order than that of their names, which `nnx.jit` leaves sorted."""

    def __init__(self, tied: bool = False) -> None:
        self.second = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
        self.first = self.second if tied else nnx.Linear(2, 2, rngs=nnx.Rngs(1))
        self.training, self.calls = True, 0


def test_a_step_of_training_leaves_the_form() -> None:
    model = Net()
    optimizer = nnx.Optimizer(model, optax.adam(0.1), wrt=nnx.Param)
    before = form_of((model, optimizer, jnp.ones(2)))

    def step(model: Any, optimizer: Any, x: Any) -> None:
        grads = nnx.grad(lambda m: jnp.sum(m.second(m.first(x))))(model)
        optimizer.update(model, grads)

    nnx.jit(step)(model, optimizer, jnp.ones((1, 2)))
    model.calls += 1
    assert form_of((model, optimizer, jnp.ones(3))) == before


def _evaluating() -> Net:
    model = Net()
    model.training = False
    return model


def _with_an_adapter() -> Net:
    model = Net()
    model.adapter = nnx.Param(jnp.ones(2))
    return model


@pytest.mark.parametrize("other", [lambda: Net(tied=True), _evaluating, _with_an_adapter])
def test_sharing_flags_and_attributes_are_of_the_form(other: Any) -> None:
    assert form_of(other()) != form_of(Net())


def test_a_list_that_holds_itself_has_a_form() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    assert form_of(loop) == form_of(loop)


def test_of_many_calls_the_form_of_one_in_ten_is_looked_at() -> None:
    row = Row(Site("program.py", 1), "jit")
    looked_at, judged = [], []

    def form() -> tuple[str]:
        looked_at.append(row.calls)
        return ("other",) if row.calls > 500 else ("first",)

    for call in range(1, 1001):
        row.calls = call
        if row.takes("step", form, 2):
            judged.append(call)
    assert judged == [1, 2, 510, 520]
    assert len(looked_at) == 100 + 90
