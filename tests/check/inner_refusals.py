"""Programs that Flax refuses for what is in the body or in the arguments, and their verdicts."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx


class Scale(nnx.Module):  # type: ignore[misc]
    def __init__(self, w: Any) -> None:
        self.w = nnx.Param(w)

    def __call__(self, x: Any) -> Any:
        return x * self.w[...]


def diff_state_in_jit() -> Any:
    def step(m: Scale, x: Any) -> Any:
        wanted = nnx.DiffState(0, nnx.Param)
        return nnx.value_and_grad(lambda m: m(x), argnums=wanted)(m)[0]

    return nnx.jit(step)(Scale(jnp.array(2.0)), jnp.array(3.0))


def state_axes_in_a_decorated_function() -> Any:
    axes = nnx.StateAxes({nnx.Param: 0})

    @nnx.vmap(in_axes=(axes, None))  # type: ignore[untyped-decorator]
    def each(m: Scale, x: Any) -> Any:
        return m(x)

    return nnx.remat(lambda m, x: each(m, x))(Scale(jnp.arange(3.0)), jnp.array(3.0))


def state_axes_where_graph_updates_are_asked_for() -> Any:
    axes = nnx.StateAxes({nnx.Param: 0})

    @nnx.vmap(in_axes=(axes, None), graph=True, graph_updates=True)  # type: ignore[untyped-decorator]
    def each(m: Scale, x: Any) -> Any:
        return m(x)

    return nnx.remat(lambda m, x: each(m, x))(Scale(jnp.arange(3.0)), jnp.array(3.0))


def bound_method_in_jit() -> Any:
    return nnx.jit(lambda m, x: nnx.remat(m.__call__)(x))(Scale(jnp.array(2.0)), jnp.array(3.0))


def vjp_in_jit() -> Any:
    return nnx.jit(lambda m: nnx.vjp(lambda m: m(2.0), m)[0])(Scale(jnp.array(2.0)))


def partial_that_writes() -> Any:
    def step(m: Scale, x: Any) -> Any:
        m.w[...] = x

    return nnx.jit(functools.partial(step, Scale(jnp.array(2.0))))(jnp.array(3.0))


def keyword_in_jit() -> Any:
    def named(m: Scale, *, x: Any) -> Any:
        return m(x)

    return nnx.jit(lambda m, x: nnx.remat(named)(m, x=x))(Scale(jnp.array(2.0)), jnp.array(3.0))


def module_with_a_parent() -> Any:
    """In tree mode it would end jax's work in this thread for good."""
    parent, child = Scale(jnp.array(2.0)), Scale(jnp.array(3.0))
    parent.child, child.parent = child, parent

    def step(parent: Scale, x: Any) -> Any:
        parent.w[...] = parent.w[...] * parent.child(x)
        return parent(x)

    nnx.jit(step)(parent, jnp.array(3.0))
    return nnx.jit(step)(parent, jnp.array(3.0))


def captured_by_a_function_of_jax() -> Any:
    """`jax.vmap` has the module by closure, and gives it to a transform."""

    def step(m: Scale, xs: Any) -> Any:
        return jax.vmap(lambda x: nnx.remat(Scale.__call__)(m, x))(xs)

    return nnx.jit(step)(Scale(jnp.array(2.0)), jnp.arange(3.0))


def _layers(x: Any, model: Scale, step: Callable[[Any, Scale], Any]) -> Any:
    """What `step` makes of `x`, layer by layer, and of each layer alone."""
    after = nnx.scan(step, in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)(x, model)
    return after + nnx.vmap(step, in_axes=(None, 0))(x, model).sum()


def layers_in_a_gradient_of_jax() -> Any:
    """`jax.grad` has the layers by closure, and a scan and a vmap in it only read them."""

    def step(model: Scale, x: Any) -> Any:
        return jax.grad(lambda x: _layers(x, model, lambda c, m: m(c)))(x)

    return nnx.jit(step)(Scale(jnp.arange(3.0)), jnp.array(3.0))


def layers_written_in_a_gradient_of_jax() -> Any:
    def write(c: Any, m: Scale) -> Any:
        m.w[...] = m.w[...] + 1
        return c * m.w[...]

    def step(model: Scale, x: Any) -> Any:
        return jax.grad(lambda x: _layers(x, model, write))(x)

    return nnx.jit(step)(Scale(jnp.arange(3.0)), jnp.array(3.0))


def gradients_accumulated() -> Any:
    """The carry is a State of zeros, and the gradient a State with graph updates alone."""

    def step(model: Scale, xs: Any) -> Any:
        def micro(total: Any, x: Any) -> Any:
            gradient = nnx.grad(lambda m, x: m(x))(nnx.clone(model), x)
            return jax.tree.map(jnp.add, total, gradient)

        zeros = jax.tree.map(jnp.zeros_like, nnx.state(model))
        return nnx.scan(micro, in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)(zeros, xs)

    return nnx.jit(step)(Scale(jnp.array(2.0)), jnp.arange(3.0))


def branches_that_return_other_types() -> Any:
    """One branch returns what it wrote, the other None."""

    def step(m: Scale, ok: Any) -> Any:
        return nnx.cond(ok, lambda m: m.w[...], lambda m: None, m)

    return nnx.jit(step)(Scale(jnp.array(2.0)), jnp.array(True))


def written_by_a_function_of_jax() -> Any:
    def step(m: Scale, xs: Any) -> Any:
        def body(total: Any, x: Any) -> Any:
            m.w[...] = m.w[...] + x
            return total, None

        return jax.lax.scan(body, 0.0, xs)[0]

    return nnx.jit(step)(Scale(jnp.array(2.0)), jnp.arange(3.0))


def variable_that_jit_partial_is_given_later() -> Any:
    def step(m: Scale, given: dict[str, Scale], x: Any) -> Any:
        m.w[...] = given["scale"](x)
        return m(x)

    bound = nnx.jit_partial(step, Scale(jnp.array(2.0)), graph=False)
    return bound({"scale": Scale(jnp.array(3.0))}, jnp.array(3.0))


def hijax_written_before_an_exception() -> Any:
    """jax does not trace the only function of a switch: it writes to the Variable itself."""

    def step(v: Any) -> Any:
        v[...] = v[...] + 1
        raise ValueError

    nnx.switch(0, [step], nnx.Param(jnp.array(2.0), hijax=True))


def broadcast_in_lanes_and_returned() -> Any:
    """The inner `vmap` broadcasts the Variable, and stacks it in its result."""

    def step(v: Any) -> Any:
        nnx.vmap(lambda v: v, in_axes=(None,), axis_size=2)(v)
        return v[...]

    return nnx.jit(step)(nnx.Param(jnp.array(2.0)))


def captured_where_the_argument_has_it() -> Any:
    """The assignment does nothing in Python: the argument is what the function captures."""
    model = Scale(jnp.array(2.0))

    def step(m: Scale) -> Any:
        m.w = model.w
        return m.w[...]

    return nnx.jit(step)(model)


#: In graph mode, in graph mode without graph updates, and in tree mode.
def captured_put_where_it_is_in_a_branch() -> Any:
    model = Scale(jnp.array(2.0))

    def put(m: Scale) -> Any:
        m.w = model.w
        return m.w[...]

    return nnx.cond(jnp.array(True), put, lambda m: m.w[...] * 2, model)


VERDICTS = {
    diff_state_in_jit: ("same", "refused", "refused"),
    state_axes_in_a_decorated_function: ("same", "refused", "refused"),
    state_axes_where_graph_updates_are_asked_for: ("same", "same", "same"),
    bound_method_in_jit: ("refused", "refused", "refused"),
    vjp_in_jit: ("refused", "same", "same"),
    partial_that_writes: ("refused", "refused", "refused"),
    keyword_in_jit: ("refused", "same", "same"),
    module_with_a_parent: ("same", "same", "not judged"),
    captured_by_a_function_of_jax: ("refused", "same", "same"),
    layers_in_a_gradient_of_jax: ("refused", "same", "same"),
    layers_written_in_a_gradient_of_jax: ("refused", "refused", "refused"),
    gradients_accumulated: ("same", "refused", "refused"),
    branches_that_return_other_types: ("refused", "refused", "refused"),
    written_by_a_function_of_jax: ("refused", "refused", "refused"),
    variable_that_jit_partial_is_given_later: ("refused", "refused", "refused"),
    hijax_written_before_an_exception: ("deviates", "same", "same"),
    broadcast_in_lanes_and_returned: ("refused", "refused", "refused"),
    captured_where_the_argument_has_it: ("refused", "same", "same"),
    captured_put_where_it_is_in_a_branch: ("refused", "same", "same"),
}

SENTENCES = {
    diff_state_in_jit: ("tree", "`argnums of nnx.value_and_grad in the body` has what only works"),
    state_axes_in_a_decorated_function: ("tree", "`in_axes of nnx.vmap in the body` has what"),
    bound_method_in_jit: ("graph", "`Scale.__call__` is bound to a module"),
    vjp_in_jit: ("graph", "`vjp` works without graph updates only"),
    partial_that_writes: ("graph", "the function writes to `m.w`, which it reaches by closure"),
    keyword_in_jit: ("graph", "takes `x` by name"),
    module_with_a_parent: ("tree", "`parent.child.parent` leads back to itself"),
    captured_by_a_function_of_jax: ("graph", "hands `self.w`, which it reaches by closure"),
    layers_in_a_gradient_of_jax: ("graph", "hands `inputs[0].w`, which it reaches by closure"),
    gradients_accumulated: ("tree", "in this mode it raises ValueError: pytree structure error"),
    branches_that_return_other_types: ("graph", "returns what the other does not at `result`"),
    written_by_a_function_of_jax: ("tree", "that jax traces writes, at `inner_refusals.py:"),
    variable_that_jit_partial_is_given_later: ("tree", "`given['scale'].w` is a Variable, and"),
    captured_put_where_it_is_in_a_branch: ("graph", "`model.w` and `m.w` are one object, which a"),
    captured_where_the_argument_has_it: ("graph", "`model.w` and `m.w` are one object, which"),
    broadcast_in_lanes_and_returned: ("graph", "`args[0]` and `out` are one object, for"),
}
