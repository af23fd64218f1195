"""Modules, States and partials where a function or an option is asked for."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from inner_refusals import Scale

ONE = jnp.array(1.0)


def a_module_is_a_branch() -> Any:
    """Graph mode takes it apart, as it does the operands (docs/findings.md)."""
    return nnx.cond(True, Scale(jnp.array(2.0)), Scale(jnp.array(3.0)), ONE)


def modules_are_the_branches_of_a_switch() -> Any:
    return nnx.switch(jnp.array(1), [Scale(jnp.array(2.0)), Scale(jnp.array(3.0))], ONE)


def a_module_is_a_branch_in_a_loop() -> Any:
    one, other = Scale(jnp.array(2.0)), Scale(jnp.array(3.0))

    def body(i: Any, x: Any) -> Any:
        return nnx.cond(i < 1, one, other, x)

    return nnx.fori_loop(0, 2, body, ONE)


def shardings_in_a_state() -> Any:
    """A State of Variables that hold a sharding each is no prefix."""
    whole = jax.sharding.SingleDeviceSharding(jax.devices()[0])
    asked = jax.tree.map(lambda _: whole, nnx.state(Scale(ONE)))
    return nnx.jit(lambda: nnx.state(Scale(ONE)), out_shardings=asked)()


def a_dictionary_in_a_partial() -> Any:
    """The partial is compiled with the number that the dictionary has then."""
    settings = {"rate": 0.5}
    step = nnx.jit(functools.partial(lambda settings, x: x * settings["rate"], settings))
    step(ONE)
    settings["rate"] = 0.25
    return step(ONE)


def a_step_whose_loss_calls_its_own_model() -> Any:
    """The step reaches the model by closure, hands it to a gradient, and so does the loss."""
    model = Scale(jnp.array(2.0))

    def step(x: Any) -> Any:
        return nnx.value_and_grad(lambda m: model(x))(model)

    return nnx.jit(step)(ONE)


def a_pmap_in_a_mesh() -> Any:
    """A pmap makes a mesh of its own devices."""
    with jax.set_mesh(jax.make_mesh((1,), ("data",))):
        return nnx.pmap(lambda m, x: m(x), in_axes=(None, 0))(Scale(ONE), jnp.ones(1))


class Counted(Scale):
    """A module by one Variable of which no gradient is."""

    def __init__(self, w: Any) -> None:
        super().__init__(w)
        self.n = nnx.Variable(jnp.array(0))


def slope(m: Counted) -> Any:
    """What its value is, for which a gradient is made."""
    return nnx.value_and_grad(lambda m: m(ONE))(m)[0]


def a_gradient_in_a_branch_that_is_not_taken() -> Any:
    """Flax traces it, and Python does not run it."""
    return nnx.jit(lambda m, p: nnx.cond(p, slope, lambda m: ONE, m))(Counted(ONE), False)


def a_gradient_in_a_branch_of_a_branch_that_is_not_taken() -> Any:
    """The same, one deeper."""

    def step(m: Counted, p: Any) -> Any:
        def inner(m: Counted) -> Any:
            return nnx.switch(p * 0, [lambda m: ONE, slope, lambda m: -ONE], m)

        return nnx.cond(p, inner, lambda m: ONE, m)

    return nnx.jit(step)(Counted(ONE), False)


def code_that_is_executed() -> Any:
    """As a cell of a notebook: the function is of no module."""
    names = {"nnx": nnx, "m": Scale(ONE), "x": ONE}
    exec("def double(m, x):\n    return m(x) * 2\n\ny = nnx.jit(double)(m, x)", names)
    return names["y"]


VERDICTS: dict[Callable[[], Any], tuple[str, str, str]] = {
    a_module_is_a_branch: ("unexplained refusal", "same", "same"),
    modules_are_the_branches_of_a_switch: ("unexplained refusal", "same", "same"),
    a_module_is_a_branch_in_a_loop: ("unexplained refusal", "same", "same"),
    a_step_whose_loss_calls_its_own_model: ("refused", "deviates", "deviates"),
    shardings_in_a_state: ("refused", "refused", "refused"),
    a_pmap_in_a_mesh: ("refused", "refused", "refused"),
    a_gradient_in_a_branch_that_is_not_taken: ("same", "refused", "refused"),
    a_gradient_in_a_branch_of_a_branch_that_is_not_taken: ("same", "refused", "refused"),
    code_that_is_executed: ("same", "same", "same"),
    a_dictionary_in_a_partial: ("different", "different", "different"),
}

#: What the report says in a mode.
SENTENCES: dict[Callable[[], Any], tuple[str, str]] = {
    a_step_whose_loss_calls_its_own_model: ("graph", "the function hands `model`, which"),
    a_module_is_a_branch: ("graph", "a module (`Scale`) is a branch, which Flax does not refuse"),
    modules_are_the_branches_of_a_switch: ("graph", "a module (`Scale`) is a branch, which Flax"),
    a_module_is_a_branch_in_a_loop: ("graph", "(`Scale`) is a branch, in a cond of the body"),
    shardings_in_a_state: ("graph", "`out_shardings` has a Variable in the place of a prefix"),
    a_gradient_in_a_branch_that_is_not_taken: ("tree", "and `args[0].n` holds no floats, in a"),
    a_gradient_in_a_branch_of_a_branch_that_is_not_taken: ("tree", "and `args[0].n` holds no"),
    a_pmap_in_a_mesh: ("graph", "a mesh with the axis `data` is set, and pmap shards over a mesh"),
    a_dictionary_in_a_partial: ("tree", "changed (`settings['rate']` was 0.5 and is 0.25): result"),
}
