"""Mistakes in programs and what is rare in them, and what each comes to."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from inner_refusals import Scale

ONE = jnp.array(1.0)


def _scale() -> Scale:
    return Scale(jnp.array(2.0))


def a_body_of_a_module_returns_nothing() -> Any:
    """The body of a loop over a module lacks its `return`."""
    return nnx.fori_loop(0, 2, lambda i, scale: None, _scale())


def a_body_that_writes_returns_nothing() -> Any:
    """The same, where Python fails in the second trip."""

    def body(i: Any, scale: Scale) -> None:
        scale.w.value = scale.w.value + 1.0

    return nnx.fori_loop(0, 2, body, _scale())


def a_body_returns_an_array_for_its_module() -> Any:
    """The body returns what its module returns, and not the module."""
    return nnx.fori_loop(0, 2, lambda i, scale: ONE, _scale())


def a_body_of_a_tuple_returns_nothing() -> Any:
    """The same, of a loop over a tuple."""
    return nnx.fori_loop(0, 2, lambda i, carry: None, (_scale(), ONE))


def a_while_body_returns_nothing() -> Any:
    """The same, of a loop that runs while the module is small."""
    return nnx.while_loop(lambda scale: scale.w.value < 3.0, lambda scale: None, _scale())


def a_body_returns_more_than_it_gets() -> Any:
    """The body hands its index back, too."""
    return nnx.fori_loop(0, 2, lambda i, carry: (*carry, i), (_scale(), ONE))


def a_body_returns_the_parts_the_other_way_round() -> Any:
    """The body confuses the order of its carry."""
    return nnx.fori_loop(0, 2, lambda i, carry: carry[::-1], (_scale(), ONE))


def a_loop_of_no_trips_returns_nothing() -> Any:
    """The body lacks its `return`, and there is nothing to do."""
    return nnx.fori_loop(0, 0, lambda i, carry: None, (_scale(), ONE))


def a_loop_that_never_begins_swaps() -> Any:
    """The body confuses the order of its carry, and the condition is false from the first."""
    return nnx.while_loop(lambda carry: False, lambda carry: carry[::-1], (_scale(), ONE))


def a_loop_of_no_trips_writes_outside() -> Any:
    """The body writes to a module outside of the carry, and there is nothing to do."""
    scale = _scale()

    def body(i: Any, total: Any) -> Any:
        scale.w.value = scale.w.value + 1.0
        return total + 1.0

    return nnx.fori_loop(3, upper=3, body_fun=body, init_val=ONE)


def a_loop_of_no_trips_raises() -> Any:
    """The body fails wherever it runs, and there is nothing to do."""

    def body(i: Any, scale: Scale) -> Scale:
        raise KeyError("missing")

    return nnx.fori_loop(0, 0, body, _scale())


def an_inner_loop_of_no_trips_returns_nothing() -> Any:
    """The loop without trips stands in a compiled function."""
    return nnx.jit(lambda s: nnx.fori_loop(0, 0, lambda i, carry: None, (s, ONE)))(_scale())


def a_scan_of_no_rows_changes_a_dtype() -> Any:
    """A scan has no rows, and its body compares what it carries."""
    return nnx.scan(lambda carry, x: ((carry[0], carry[1] > 0), x))((_scale(), ONE), jnp.ones(0))


def no_lanes_write_what_is_broadcast() -> Any:
    """A batch is empty, and each example writes to the module that all share."""

    def write(scale: Scale, x: Any) -> Any:
        scale.w.value = scale.w.value + x
        return x

    return nnx.vmap(write, in_axes=(None, 0))(_scale(), jnp.ones(0))


def a_state_of_the_module_that_it_updates() -> Any:
    """A loss by the parameters writes them into the module that they are of."""
    scale = _scale()

    def loss(params: Any) -> Any:
        nnx.update(scale, params)
        return scale(ONE)

    return nnx.grad(loss)(nnx.state(scale))


class Counted(nnx.Module):  # type: ignore[misc]
    """A layer that counts its calls; the counter is not its first Variable."""

    def __init__(self) -> None:
        self.a = nnx.Param(ONE)
        self.calls = nnx.Variable(jnp.array(0.0))

    def __call__(self, x: Any) -> Any:
        self.calls.value = self.calls.value + 1.0
        return self.a.value * x


def a_counter_of_the_carry_read_outside() -> Any:
    """The body reads the counter by the name that the module has outside of the loop."""
    counted = Counted()

    def body(carry: Counted, x: Any) -> Any:
        return carry, carry(x) + counted.calls.value

    return nnx.scan(body)(counted, jnp.ones(3))


def a_loss_of_jax_writes_what_it_is_handed() -> Any:
    """The gradient of jax is by the first argument; the counter is in the second."""

    def step(counted: Counted) -> Any:
        graphdef, params, rest = nnx.split(counted, nnx.Param, ...)

        def loss(params: Any, rest: Any) -> Any:
            return nnx.merge(graphdef, params, rest)(ONE)

        return jax.value_and_grad(loss)(params, rest)[0]

    return nnx.jit(step)(Counted())


def a_layer_as_the_function() -> Any:
    """A layer of Flax is mapped itself."""
    return nnx.vmap(nnx.Linear(2, 2, rngs=nnx.Rngs(0)))(jnp.ones((3, 2)))


def a_tangent_of_a_module_is_its_state() -> Any:
    """The direction of a derivative by a module is a State, as a gradient in graph mode is."""
    scale = _scale()
    along = jax.tree.map(jnp.ones_like, nnx.state(scale))
    return nnx.jvp(lambda m, x: m.w.value * x, (scale, ONE), (along, ONE))


def a_gradient_beside_a_closure_is_taken_for_a_state() -> Any:
    """Teacher and student share a module, and the step walks over the gradient as over a State."""
    teacher, student = nnx.List([_scale()]), nnx.List([_scale()])
    teacher.append(student[0])

    def distill(teacher: Any, student: Any) -> None:
        def loss(student: Any) -> Any:
            return student[0].w.value.sum() - teacher[1].w.value.sum()

        grads = nnx.grad(loss)(student)
        stepped = jax.tree.map(lambda p, g: p - g, nnx.state(student), grads)
        nnx.update(student, stepped)

    nnx.jit(distill)(teacher, student)


def layers_with_the_name_of_an_axis() -> Any:
    """Layers are made with the name of the axis over which they are stacked."""

    def make(key: Any) -> Scale:
        scale = Scale(jax.random.normal(key, (2,)))
        scale.w.set_metadata(sharding=("model",), out_sharding=("model",))
        return scale

    names = {nnx.PARTITION_NAME: "layers"}
    keys = jax.random.split(jax.random.key(0), 3)
    return nnx.vmap(make, transform_metadata=names)(keys)


def a_number_becomes_a_float_in_no_trip() -> Any:
    """jax promotes the number before the first trip."""
    return nnx.fori_loop(0, 0, lambda i, carry: (carry[0], carry[1] * 0.5), (_scale(), 1))


def a_number_becomes_a_float_while_nothing_holds() -> Any:
    """The same, of a `while_loop`."""
    return nnx.while_loop(lambda c: c < 0, lambda c: c * 0.5, 1)


def a_number_becomes_a_float_over_no_rows() -> Any:
    """The same, of a `scan`."""
    return nnx.scan(lambda c, x: (c * 0.5, x), length=0)(1, jnp.ones((0, 2)))


def a_number_stays_an_integer_in_no_trip() -> Any:
    """It is promoted only where the body makes another one of it."""
    return nnx.fori_loop(0, 0, lambda i, carry: carry + 1, 1)


class Distiller:
    """An object that is none of Flax's: its loss takes the model, and its penalty has its own."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def loss(self, model: Any) -> Any:
        return model.w[...] + model.bias[...] + self.model.w[...] ** 2


def a_penalty_has_the_model_of_the_object_around() -> Any:
    """It has no gradient: the method reaches the model besides its argument."""
    scale = _scale()
    scale.bias = nnx.Param(ONE)
    return nnx.grad(Distiller(scale).loss)(scale)


def axes_without_a_tuple() -> Any:
    """The axes of the only argument are given as they are, and not in a tuple."""
    return nnx.vmap(lambda scale: scale.w[...], in_axes=nnx.StateAxes({...: 0}))(Scale(jnp.ones(2)))


def an_axis_that_is_a_text() -> Any:
    """`jax.vmap` says that an axis is a number."""
    return nnx.vmap(lambda scale, x: x, in_axes=(None, "x"))(_scale(), jnp.ones(2))


def numpy_computes_in_the_body() -> Any:
    """A function of numpy is given what is traced."""
    return nnx.jit(lambda scale, x: np.mean(np.asarray(x)))(_scale(), jnp.ones(2))


def a_condition_of_nothing() -> Any:
    """What decides is not there."""
    return nnx.cond(None, lambda x: x, lambda x: -x, ONE)


def a_partial_of_no_transform() -> Any:
    def step(m: Scale, x: Any) -> Any:
        m.w[...] = m.w[...] + x

    return nnx.cached_partial(step, Scale(jnp.array(1.0)))(jnp.array(1.0))


def axes_of_the_parts_of_a_state() -> Any:
    axes = nnx.StateAxes({nnx.Param: 0, ...: None})
    return nnx.vmap(lambda state: state["w"][...], in_axes=(axes,))(nnx.state(Scale(jnp.ones(2))))


VERDICTS: dict[Callable[[], Any], tuple[str, str, str]] = {
    a_body_of_a_module_returns_nothing: ("internal error", "refused", "refused"),
    a_body_that_writes_returns_nothing: ("refused", "refused", "refused"),
    a_body_returns_an_array_for_its_module: ("internal error", "refused", "refused"),
    a_body_of_a_tuple_returns_nothing: ("refused", "refused", "refused"),
    a_while_body_returns_nothing: ("refused", "refused", "refused"),
    a_number_becomes_a_float_in_no_trip: ("deviates", "deviates", "deviates"),
    a_number_becomes_a_float_while_nothing_holds: ("deviates", "deviates", "deviates"),
    a_number_becomes_a_float_over_no_rows: ("deviates", "deviates", "deviates"),
    a_number_stays_an_integer_in_no_trip: ("same", "same", "same"),
    a_body_returns_more_than_it_gets: ("refused", "refused", "refused"),
    a_gradient_beside_a_closure_is_taken_for_a_state: ("deviates", "refused", "refused"),
    a_tangent_of_a_module_is_its_state: ("refused", "same", "same"),
    a_body_returns_the_parts_the_other_way_round: ("internal error", "refused", "refused"),
    a_loop_of_no_trips_returns_nothing: ("refused", "refused", "refused"),
    a_loop_that_never_begins_swaps: ("refused", "refused", "refused"),
    a_loop_of_no_trips_writes_outside: ("refused", "refused", "refused"),
    a_loop_of_no_trips_raises: ("refused", "refused", "refused"),
    an_inner_loop_of_no_trips_returns_nothing: ("refused", "refused", "refused"),
    a_scan_of_no_rows_changes_a_dtype: ("refused", "refused", "refused"),
    no_lanes_write_what_is_broadcast: ("refused", "refused", "refused"),
    a_state_of_the_module_that_it_updates: ("refused", "refused", "refused"),
    a_counter_of_the_carry_read_outside: ("different", "different", "different"),
    a_loss_of_jax_writes_what_it_is_handed: ("refused", "refused", "refused"),
    a_penalty_has_the_model_of_the_object_around: ("deviates", "deviates", "deviates"),
    a_layer_as_the_function: ("same", "same", "same"),
    axes_without_a_tuple: ("refused", "refused", "refused"),
    an_axis_that_is_a_text: ("refused", "refused", "refused"),
    numpy_computes_in_the_body: ("refused", "refused", "refused"),
    a_condition_of_nothing: ("same", "same", "same"),
    axes_of_the_parts_of_a_state: ("refused", "refused", "refused"),
    a_partial_of_no_transform: ("refused", "refused", "refused"),
    layers_with_the_name_of_an_axis: ("same", "deviates", "deviates"),
}

NOTHING = "the body returns None in the place of the carry"

SENTENCES: dict[Callable[[], Any], tuple[str, str]] = {
    a_body_of_a_module_returns_nothing: ("graph", f"{NOTHING}, which Flax does not refuse, but"),
    a_body_that_writes_returns_nothing: ("graph", f"{NOTHING}, which Flax does not refuse, but"),
    a_body_returns_an_array_for_its_module: ("tree", "the structure of the carry at `carry`"),
    a_body_of_a_tuple_returns_nothing: ("graph", NOTHING),
    a_while_body_returns_nothing: ("tree", NOTHING),
    a_body_returns_more_than_it_gets: ("graph", "returns other containers than those of the carry"),
    a_body_returns_the_parts_the_other_way_round: ("graph", "the structure of the carry at `carry"),
    a_loop_of_no_trips_returns_nothing: ("graph", NOTHING),
    a_loop_that_never_begins_swaps: ("tree", "the structure of the carry at `carry[0]"),
    a_loop_of_no_trips_writes_outside: ("graph", "writes to `scale`, which it reaches by"),
    a_state_of_the_module_that_it_updates: ("graph", "writes to `scale`, which it reaches by"),
    a_counter_of_the_carry_read_outside: ("graph", "reads `counted.calls` by closure, which is"),
    a_penalty_has_the_model_of_the_object_around: (
        "graph",
        "reads `self.model.w` by closure, which is a constant to the gradient",
    ),
    a_gradient_beside_a_closure_is_taken_for_a_state: (
        "graph-frozen",
        "in this mode it raises ValueError: pytree structure error",
    ),
    layers_with_the_name_of_an_axis: ("tree", "returns other metadata in `result.w`"),
    a_loss_of_jax_writes_what_it_is_handed: ("graph", "is given it as an argument by which it is"),
    an_inner_loop_of_no_trips_returns_nothing: ("tree", NOTHING),
    a_scan_of_no_rows_changes_a_dtype: ("graph", "of what it carries at `carry[1]`"),
    no_lanes_write_what_is_broadcast: ("graph", "the body writes to `scale.w`, which is broadcast"),
    axes_without_a_tuple: ("graph", "`in_axes` is not an int, None, or a tuple"),
    an_axis_that_is_a_text: ("tree", "`in_axes` is not an int, None, or a tuple"),
    numpy_computes_in_the_body: ("graph", "gives a traced array to numpy, which needs its numbers"),
    a_condition_of_nothing: ("graph", "it raises TypeError, as Python does"),
    a_partial_of_no_transform: ("graph", "`a_partial_of_no_transform.<locals>.step` is a function"),
    axes_of_the_parts_of_a_state: ("graph", "`in_axes` has a StateAxes for an nnx.State, and"),
    a_loop_of_no_trips_raises: ("graph", "as a function does that Python does not call"),
}
