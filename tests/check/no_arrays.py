"""Programs that hand a transform what is no array of jax, and what each comes to."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from flax import nnx
from inner_refusals import Scale


class Trainer:
    """An object that is none of Flax's."""

    def __init__(self) -> None:
        self.model = Scale(jnp.array(2.0))

    @nnx.jit  # type: ignore[untyped-decorator]
    def step(self, x: Any) -> Any:
        return self.model(x)


class Pruned(nnx.Module):  # type: ignore[misc]
    """A layer whose mask is an array of numpy."""

    def __init__(self) -> None:
        self.mask = np.ones(3, np.float32)


class Headed(nnx.Module):  # type: ignore[misc]
    """A layer that has another one."""

    def __init__(self) -> None:
        self.head: Any = Scale(jnp.array(2.0))


ONE = jnp.array(1.0)


def a_method_of_a_trainer() -> Any:
    """`self` is an argument of the compiled method."""
    return Trainer().step(ONE)


def a_text_in_a_dict() -> Any:
    """A batch has the name of its data set in it."""
    return nnx.jit(lambda batch: batch["x"])({"x": ONE, "name": "train"})


class Settings(dict[str, Any]):
    """A dictionary whose items are attributes; to jax it is none, and it has no `__jax_array__`."""

    __getattr__ = dict.__getitem__


def a_dict_of_another_class() -> Any:
    """A batch is no dictionary that jax knows."""
    return nnx.jit(lambda batch: batch.x)(Settings(x=ONE))


def a_text_in_a_variable() -> Any:
    """A Variable holds a text."""
    return nnx.jit(lambda variable: ONE)(nnx.Variable("train"))


def a_function_in_the_place_of_a_layer() -> Any:
    """What held a layer is data, and holds no array now."""
    head = Headed()
    head.head = nnx.relu
    return nnx.jit(lambda head: ONE)(head)


def a_text_in_the_carry() -> Any:
    """A loop carries a text."""
    return nnx.fori_loop(0, 2, lambda i, carry: carry, (ONE, "train"))


def a_text_for_a_transform_in_the_body() -> Any:
    """The body of a compiled function hands a text to another transform."""
    return nnx.jit(lambda x: nnx.remat(lambda x, how: x)(x, "train"))(ONE)


def a_text_returned() -> Any:
    """A function returns what it has done."""
    return nnx.vmap(lambda x: (x, {"what": "done"}))(jnp.ones(2))


def a_list_that_is_static() -> Any:
    """A static argument has no hash."""
    return nnx.jit(lambda sizes, x: x * len(sizes), static_argnums=0)([1, 2], ONE)


def a_dict_that_is_static_by_name() -> Any:
    """A static argument that is given by name has no hash."""
    return nnx.jit(lambda x, f: x * f["scale"], static_argnames="f")(ONE, f={"scale": 2})


def a_module_that_is_static() -> Any:
    """The module is static, as `self` is with linen."""
    return nnx.jit(lambda m, x: m(x), static_argnums=0)(Scale(jnp.array(2.0)), ONE)


def a_number_as_a_condition() -> Any:
    """A loop runs while a number is not zero, as Python would."""
    return nnx.while_loop(lambda left: left, lambda left: left - 1, jnp.array(3))


def nothing_as_a_condition() -> Any:
    """The condition of a loop lacks its `return`."""

    def goes_on(left: Any) -> None:
        left < 3  # noqa: B015

    return nnx.while_loop(goes_on, lambda left: left - 1, jnp.array(3))


def one_bool_in_an_array() -> Any:
    """The condition of a loop keeps a dimension of one: Python takes it for a bool."""
    return nnx.while_loop(lambda left: left > 0, lambda left: left - 1, jnp.array([3]))


def a_float_as_an_index() -> Any:
    """The number of a branch is a float: Python has no such index either."""
    return nnx.switch(ONE, [lambda x: x, lambda x: -x], ONE)


def a_mask_written_in_place() -> Any:
    """A compiled function writes to the array of numpy that its argument holds."""

    def prune(pruned: Pruned) -> Any:
        pruned.mask[0] = 0.0
        return pruned.mask.sum()

    return nnx.jit(prune)(Pruned())


class Positions(nnx.Module):  # type: ignore[misc]
    """Tables of numpy, which makes float64 of them: an attribute, and in a Variable."""

    def __init__(self) -> None:
        self.table = np.linspace(0.0, 1.0, 3)
        self.fixed = nnx.Variable(np.arange(3) / 2)

    def __call__(self, x: Any) -> Any:
        return x + self.table + self.fixed[...]


def a_table_in_float64() -> Any:
    """A module holds tables of numpy, of which jax makes float32."""
    return nnx.jit(lambda m, x: m(x))(Positions(), ONE)


VERDICTS: dict[Callable[[], Any], tuple[str, str, str]] = {
    a_method_of_a_trainer: ("refused", "refused", "refused"),
    a_text_in_a_dict: ("refused", "refused", "refused"),
    a_dict_of_another_class: ("refused", "refused", "refused"),
    a_text_in_a_variable: ("refused", "refused", "refused"),
    a_function_in_the_place_of_a_layer: ("refused", "refused", "refused"),
    a_text_in_the_carry: ("refused", "refused", "refused"),
    a_text_for_a_transform_in_the_body: ("refused", "refused", "refused"),
    a_text_returned: ("refused", "refused", "refused"),
    a_list_that_is_static: ("refused", "refused", "refused"),
    a_module_that_is_static: ("refused", "refused", "same"),
    a_number_as_a_condition: ("refused", "refused", "refused"),
    a_dict_that_is_static_by_name: ("refused", "refused", "refused"),
    nothing_as_a_condition: ("refused", "refused", "refused"),
    one_bool_in_an_array: ("refused", "refused", "refused"),
    a_float_as_an_index: ("same", "same", "same"),
    a_mask_written_in_place: ("refused", "refused", "refused"),
    a_table_in_float64: ("same", "same", "same"),
}

SENTENCES: dict[Callable[[], Any], tuple[str, str]] = {
    a_method_of_a_trainer: ("graph", "`self` is no array"),
    a_text_in_a_dict: ("tree", "`batch['name']` is no array"),
    a_dict_of_another_class: ("graph", "`batch` is no array"),
    a_text_in_a_variable: ("graph", "`variable` is no array"),
    a_function_in_the_place_of_a_layer: ("graph", "`head.head` is no array"),
    a_text_in_the_carry: ("graph", "`carry[1]` is no array"),
    a_text_for_a_transform_in_the_body: ("graph", "`args[1]` is no array"),
    a_text_returned: ("graph", "the function returns `result[1]['what']`, which is no array"),
    a_list_that_is_static: ("tree", "`sizes` is static and has no hash"),
    a_module_that_is_static: ("graph", "`m` is static and a module"),
    a_dict_that_is_static_by_name: ("graph", "`f` is static and has no hash"),
    a_number_as_a_condition: ("graph", "returns is no boolean scalar"),
    nothing_as_a_condition: ("graph", "returns is no boolean scalar"),
    a_mask_written_in_place: ("graph", "of `pruned.mask`, of numpy, jax makes its own"),
}
