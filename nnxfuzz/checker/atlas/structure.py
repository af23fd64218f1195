"""The function makes, drops, replaces or swaps what a module holds."""

import jax.numpy as jnp
from flax import nnx

from nnxfuzz.checker.atlas.base import Box, Counter, Program, construct, ones


@construct()
def a_variable_is_made() -> Program:
    """The function gives the module a new Param."""

    def body(m: Counter) -> None:
        m.made = nnx.Param(m.w[...] + 1)

    return body, (Counter(),)


@construct()
def a_variable_is_made_at_the_first_call() -> Program:
    """A layer makes its Param the first time it is called, as lazy layers do."""

    class Lazy(nnx.Module):  # type: ignore[misc]
        def __call__(self) -> None:
            if not hasattr(self, "w"):
                self.w = nnx.Param(ones())
            self.w[...] += 1

    def body(layer: Lazy, x: nnx.Param) -> None:
        layer()
        x[...] += 1

    return body, (Lazy(), nnx.Param(ones()))


@construct()
def a_submodule_is_made() -> Program:
    """The function gives the module a new submodule."""

    def body(m: Counter) -> None:
        m.made = Box(w=nnx.Param(m.w[...] + 1))

    return body, (Counter(),)


@construct()
def a_variable_is_dropped() -> Program:
    """The function deletes a Variable of the module."""

    def body(m: Counter) -> None:
        del m.count

    return body, (Counter(),)


@construct()
def a_variable_is_replaced() -> Program:
    """The function puts a new Param in the place of the old one."""

    def body(m: Counter) -> None:
        m.w = nnx.Param(m.w[...] + 1)

    return body, (Counter(),)


@construct()
def a_submodule_is_replaced() -> Program:
    """The function puts a new submodule in the place of the old one."""

    def body(m: Box) -> None:
        m.inner = Box(w=nnx.Param(m.inner.w[...] + 1))

    return body, (Box(inner=Box(w=nnx.Param(ones()))),)


@construct()
def two_variables_are_swapped() -> Program:
    """The function swaps two Params of the module."""

    def body(m: Box) -> None:
        m.a, m.b = m.b, m.a

    return body, (Box(a=nnx.Param(ones()), b=nnx.Param(ones() * 2)),)


@construct()
def two_submodules_are_swapped() -> Program:
    """The function swaps two submodules of the module."""

    def body(m: Box) -> None:
        m.a, m.b = m.b, m.a

    a, b = Counter(), Counter()
    b.w[...] = ones() * 2
    return body, (Box(a=a, b=b),)


@construct()
def an_array_attribute_is_replaced() -> Program:
    """The module holds an array that is in no Variable, and the function replaces it."""

    def body(m: Box) -> None:
        m.array = m.array + 1

    return body, (Box(array=ones(), w=nnx.Param(ones())),)


@construct()
def an_array_attribute_is_made() -> Program:
    """The function gives the module an array that is in no Variable."""

    def body(m: Counter) -> None:
        m.array = m.w[...] + 1

    return body, (Counter(),)


@construct()
def a_static_attribute_is_changed() -> Program:
    """The function changes an int attribute of the module."""

    def body(m: Box) -> None:
        m.calls = m.calls + 1

    return body, (Box(calls=0, w=nnx.Param(ones())),)


@construct()
def a_static_attribute_is_made() -> Program:
    """The function gives the module a new attribute, a string."""

    def body(m: Counter) -> None:
        m.state = "trained"

    return body, (Counter(),)


@construct()
def a_module_is_put_into_eval() -> Program:
    """The function calls `eval()` on the module, which sets a static attribute of its Dropout."""

    def body(m: Box) -> None:
        m.eval()

    return body, (Box(dropout=nnx.Dropout(0.5), w=nnx.Param(ones())),)


@construct()
def the_dtype_of_a_variable_changes() -> Program:
    """The function gives a Variable an array of another dtype."""

    def body(m: Counter) -> None:
        m.count.value = m.count[...].astype(jnp.bfloat16)

    return body, (Counter(),)


@construct()
def a_list_grows() -> Program:
    """The module holds an `nnx.List` of submodules, and the function appends one."""

    def body(m: Box) -> None:
        m.layers.append(Box(w=nnx.Param(m.w[...] + 1)))

    return body, (Box(layers=nnx.List([Box(w=nnx.Param(ones()))]), w=nnx.Param(ones())),)


@construct()
def a_key_is_added_to_a_dict() -> Program:
    """The module holds an `nnx.Dict`, and the function adds a Param under a new key."""

    def body(m: Box) -> None:
        m.table["b"] = nnx.Param(m.table["a"][...] + 1)

    return body, (Box(table=nnx.Dict(a=nnx.Param(ones()))),)


@construct()
def a_variable_is_popped() -> Program:
    """The function pops all Variables of one type out of the module with `nnx.pop`."""

    def body(m: Box) -> None:
        nnx.pop(m, nnx.Intermediate)

    return body, (Box(seen=nnx.Intermediate(ones()), w=nnx.Param(ones())),)
