"""The function returns objects: those it was given, or new ones."""

from typing import Any

from flax import nnx

from nnxfuzz.checker.atlas.base import Box, Counter, Program, construct, ones
from nnxfuzz.checker.atlas.ways import GRADIENTS, without

#: A loss is a number, so the gradients return none of these.
WAYS = without(*GRADIENTS, "fori_loop", "while_loop")


@construct(ways=WAYS)
def the_argument_is_returned() -> Program:
    """The function writes to its module and returns it."""

    def body(m: Counter) -> Counter:
        m.count[...] += 1
        return m

    return body, (Counter(),)


@construct(ways=WAYS)
def a_variable_of_the_argument_is_returned() -> Program:
    """The function returns a Variable of its module."""

    def body(m: Counter) -> nnx.Variable:
        m.count[...] += 1
        return m.count

    return body, (Counter(),)


@construct(ways=WAYS)
def a_submodule_of_the_argument_is_returned() -> Program:
    """The function returns a submodule of its module."""

    def body(m: Box) -> Counter:
        m.inner.count[...] += 1
        inner: Counter = m.inner
        return inner

    return body, (Box(inner=Counter()),)


@construct(ways=WAYS)
def a_new_module_is_returned() -> Program:
    """The function returns a module that it has made."""

    def body(m: Counter) -> Box:
        return Box(w=nnx.Param(m.w[...] + 1))

    return body, (Counter(),)


@construct(ways=WAYS)
def a_new_module_is_returned_twice() -> Program:
    """The function returns a module that it has made, at two places."""

    def body(m: Counter) -> tuple[Box, Box]:
        made = Box(w=nnx.Param(m.w[...] + 1))
        return made, made

    return body, (Counter(),)


@construct(ways=WAYS)
def a_new_module_holds_the_argument() -> Program:
    """The function returns a new module that holds the one it was given."""

    def body(m: Counter) -> Box:
        return Box(inner=m)

    return body, (Counter(),)


@construct(ways=WAYS)
def a_number_is_returned() -> Program:
    """The function returns a Python number."""

    def body(m: Counter) -> int:
        m.count[...] += 1
        return 7

    return body, (Counter(),)


@construct()
def nothing_is_returned() -> Program:
    """The function writes to its module and returns None."""

    def body(m: Counter) -> None:
        m.count[...] += 1

    return body, (Counter(),)


@construct(ways=WAYS)
def a_state_is_returned() -> Program:
    """The function returns `nnx.state` of its module."""

    def body(m: Counter) -> Any:
        m.count[...] += 1
        return nnx.state(m)

    return body, (Counter(),)


@construct(ways=WAYS)
def a_clone_is_returned() -> Program:
    """The function returns `nnx.clone` of its module, written to after the copy."""

    def body(m: Counter) -> Counter:
        copy: Counter = nnx.clone(m)
        copy.count[...] += 1
        return copy

    return body, (Counter(),)


@construct(ways=WAYS)
def the_parts_of_split_are_merged() -> Program:
    """The function splits its module, merges the parts, writes to the result and returns it."""

    def body(m: Counter) -> Counter:
        merged: Counter = nnx.merge(*nnx.split(m))
        merged.count[...] += 1
        return merged

    return body, (Counter(),)


@construct(ways=without("grad", "value_and_grad"))
def a_state_is_the_argument() -> Program:
    """The argument is an `nnx.State`, and the function replaces an array in it."""

    def body(state: Any) -> Any:
        state["w"] = nnx.Param(state["w"][...] + 1)
        return state["w"][...]

    return body, (nnx.state(Box(w=nnx.Param(ones()))),)
